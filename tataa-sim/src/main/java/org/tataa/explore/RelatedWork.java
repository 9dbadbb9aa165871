package org.tataa.explore;

import java.util.List;

/**
 * A row of related work, as the paper prints it.
 *
 * @param work who
 * @param board on what
 * @param model which model
 * @param workload the workload with the dimensions of the model; empty if there is none
 * @param itemsPerSecond inferences a second
 * @param dsps DSP slices
 */
public record RelatedWork(
    String work, String board, String model, String workload, double itemsPerSecond, int dsps) {
  /** All rows. */
  public static List<RelatedWork> rows() {
    return List.of(
        new RelatedWork("Auto-ViT-Acc", "ZCU102", "DeiT-S", "deit-s", 99.7, 1552),
        new RelatedWork("Auto-ViT-Acc", "ZCU102", "DeiT-B", "deit-b", 34.0, 1552),
        new RelatedWork("Huang", "ZCU102", "ViT-S", "deit-s", 89.7, 1268),
        new RelatedWork("Huang", "ZCU102", "ViT-T", "", 245.3, 1268),
        new RelatedWork("HPTA", "ZCU102", "BERT", "bert-base", 81.9, 2307),
        new RelatedWork("HPTA", "ZCU102", "Swin-T", "swin-t", 148.8, 2307),
        new RelatedWork("NPE", "VCU118", "BERT", "bert-base", 36.8, 2020),
        new RelatedWork("FTRANS", "VCU118", "RoBERTa", "bert-base", 94.25, 6531));
  }

  /** How many times as many items a second a run does. */
  public double speedup(PaperRun run) {
    return run.itemsPerSecond() / itemsPerSecond;
  }

  /** The same for a DSP slice. */
  public double efficiency(PaperRun run) {
    return speedup(run) * dsps / Resources.of(run.config()).dsps();
  }
}
