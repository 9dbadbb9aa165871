package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.Partitioning;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.IsaProfile;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.quant.Calibrator;

/**
 * How far the schedules of whole models are from what the units of the machine could do: cycles,
 * bound, losses. No cycle depends on a value, so one item stands for all of a batch.
 */
public final class ScheduleStudy {
  /** Items of the batches the authors' breakdown by layers has (evaluation.md). */
  private static final int VISION_BATCH = 16;

  private static final int TEXT_BATCH = 32;

  /**
   * What is measured.
   *
   * @param workload a name of {@link Workloads}, or all-MiniLM-L6-v2 on its six sentences
   * @param variant what differs from the default machine; empty for none
   * @param config the device
   * @param batch items; 0 for those the workload has
   * @param required items per second it must reach; NaN if nothing is required
   */
  public record Job(
      String workload, String variant, TataaConfig config, int batch, double required) {
    /** Name for a table. */
    public String name() {
      return variant.isEmpty() ? workload : workload + ", " + variant;
    }

    /** With another number of items. */
    public Job withBatch(int value) {
      return new Job(workload, variant, config, value, required);
    }
  }

  /**
   * What a job took.
   *
   * @param job the job
   * @param result a batch of it
   */
  public record Row(Job job, BatchResult result) {
    /** Core cycles of an item, the mean of all. */
    public long itemCycles() {
      return result.total().cycles() / result.items().size();
    }

    /** Bound of an item in cycles, the mean of all. */
    public long itemBound() {
      return result.total().bound().cycles() / result.items().size();
    }

    /** Items per second of the device. */
    public double itemsPerSecond() {
      return result.items().size() / result.seconds();
    }

    /** Items per second if every item took the cycles of its bound. */
    public double itemsPerSecondAtBound() {
      return itemsPerSecond() / result.total().ratio();
    }

    /** Whether the required items per second are reached; true if nothing is required. */
    public boolean isMet() {
      return !(itemsPerSecond() < job.required());
    }

    /** Share of the cycles in which the lanes begin an operation; NaN without such work. */
    public double lanesBusy(String function) {
      WorkSum work = result.functions().get(function);
      return work == null ? Double.NaN : work.lanesBusy();
    }
  }

  private static final double DEIT_S = 180;
  private static final double BERT = 109;

  private ScheduleStudy() {}

  /**
   * The jobs of docs/schedules.md. Required are 180 images a second of DeiT-S, 61 of DeiT-B and 216
   * of Swin-T, 109 sequences of BERT-base, and six short sentences in 450,000 cycles. A batch of
   * one is split over the cores.
   */
  public static List<Job> jobs() {
    TataaConfig u280 = TataaConfig.u280();
    Profiles profiles = u280.profiles();
    List<Job> jobs = new ArrayList<>();
    jobs.add(new Job("deit-s", "", u280, VISION_BATCH, DEIT_S));
    jobs.add(
        new Job(
            "deit-s",
            "accumulator PACKED_INT16",
            u280.withProfiles(profiles.withAccumulator(AccumulatorKind.PACKED_INT16)),
            VISION_BATCH,
            DEIT_S));
    jobs.add(
        new Job(
            "deit-s",
            "instruction set PUBLISHED",
            u280.withProfiles(profiles.withIsa(IsaProfile.PUBLISHED)),
            VISION_BATCH,
            DEIT_S));
    jobs.add(new Job("deit-b", "", u280, VISION_BATCH, 61));
    jobs.add(new Job("bert-base", "", u280, TEXT_BATCH, BERT));
    jobs.add(new Job("swin-t", "", u280, VISION_BATCH, 216));
    jobs.add(new Job(SentenceEncoder.MINI_LM, "", u280, 0, 6 * u280.clockHz() / 450e3));
    jobs.add(new Job("deit-s", "one image on 8 cores", u280, 1, Double.NaN));
    jobs.add(new Job("bert-base", "one sequence on 8 cores", u280, 1, Double.NaN));
    return jobs;
  }

  /**
   * The jobs of a workload; one on the default machine if there are none.
   *
   * @throws IllegalArgumentException if there is no workload of this name
   */
  public static List<Job> jobs(String workload) {
    List<Job> jobs = jobs().stream().filter(job -> job.workload().equals(workload)).toList();
    if (!jobs.isEmpty()) {
      return jobs;
    }
    if (!Workloads.contains(workload)) {
      throw new IllegalArgumentException(
          "no workload "
              + workload
              + ", expected "
              + SentenceEncoder.MINI_LM
              + " or one of "
              + Workloads.names());
    }
    return List.of(new Job(workload, "", TataaConfig.u280(), VISION_BATCH, Double.NaN));
  }

  /** Compiles and simulates a job. */
  public static Row measure(Job job, Calibrator.Progress progress) {
    if (job.workload().equals(SentenceEncoder.MINI_LM)) {
      try (SentenceEncoder encoder =
          SentenceEncoder.miniLm(job.config(), CompilerOptions.DEFAULT)) {
        encoder.session().use(BuiltInCalibration.miniLm());
        BatchResult result = encoder.run(Sentences.example(), false, progress);
        return new Row(job.withBatch(result.items().size()), result);
      }
    }
    Workloads.Workload workload = Workloads.of(job.workload());
    List<Map<String, NdTensor>> item = List.of(workload.inputs());
    CompilerOptions options =
        CompilerOptions.DEFAULT.withPartitioning(
            job.batch() == 1 ? Partitioning.AUTO : Partitioning.OFF);
    ModelSession session = new ModelSession(job.config(), workload.model(), Set.of(), options);
    session.calibrate(item, (done, of) -> {});
    BatchResult one = session.run(item, false, progress);
    List<BatchResult.Item> items =
        Collections.nCopies(Math.max(1, job.batch()), one.items().get(0));
    return new Row(
        job.withBatch(items.size()),
        new BatchResult(job.config(), items, one.nanos(), one.simulationNanos()));
  }
}
