package org.tataa.explore;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.tataa.config.TataaConfig;
import org.tataa.pipeline.AccuracyStudy;
import org.tataa.pipeline.WorkSum;

/**
 * What the simulator gives for the evaluation of the paper (arXiv 2411.03697v1).
 *
 * @param models whole models
 * @param depths linear layers alone, by depth
 * @param batches vector operations in batches of one type
 * @param accuracy arithmetic and accumulators on the pre-trained encoder; empty if not asked for
 */
public record Paper(
    List<PaperRun> models,
    List<Depth> depths,
    List<Batch> batches,
    List<AccuracyStudy.Row> accuracy) {
  /** Reported rate of linear layers, GOPS. */
  public static final double LINEAR_GOPS = 2935.2;

  /** Reported rates of bfloat16 operations, GFLOPS: abstract and introduction. */
  public static final List<Double> BF16_GFLOPS = List.of(189.5, 169.8);

  private static final double SPEEDUP = 1.45;
  private static final double DSP_EFFICIENCY = 2.29;

  /**
   * A linear layer alone.
   *
   * @param k its depth
   * @param gops rate of its products with the default tiles
   * @param shortTileGops the same with tiles of 256 words
   * @param periodGops what the period of a drained MATMUL of this depth allows, K + 64
   */
  public record Depth(int k, double gops, double shortTileGops, double periodGops) {}

  /**
   * Vector operations in batches of one type, in turn.
   *
   * @param operations of a batch
   * @param gflops rate of the device
   * @param pipelinedGflops with the operation type pipelined with the data
   */
  public record Batch(int operations, double gflops, double pipelinedGflops) {}

  /**
   * A rate that may be what the paper calls linear throughput.
   *
   * @param name workload, machine and what is counted
   * @param run the run
   * @param isPadded whether products of padding count
   * @param gops the rate
   */
  public record Rate(String name, PaperRun run, boolean isPadded, double gops) {}

  /**
   * Vector work of a function in a run.
   *
   * @param run the run
   * @param function as GELU
   * @param work its steps
   */
  public record Function(PaperRun run, String function, WorkSum work) {
    /** Rate of the lanes in these steps, GFLOPS of the device. */
    public double gflops() {
      return work.lanesBusy() * run.config().peakBf16Gflops();
    }
  }

  /** Takes copies. */
  public Paper {
    models = List.copyOf(models);
    depths = List.copyOf(depths);
    batches = List.copyOf(batches);
    accuracy = List.copyOf(accuracy);
  }

  /** Rates of products, that nearest to the reported one first. */
  public List<Rate> rates() {
    List<Rate> rates = new ArrayList<>();
    for (PaperRun run : models) {
      for (boolean isPadded : new boolean[] {false, true}) {
        String counted = isPadded ? ", padding counted" : "";
        rates.add(
            new Rate(
                run.name() + ": linear layers" + counted, run, isPadded, run.linearGops(isPadded)));
        rates.add(
            new Rate(
                run.name() + ": all products" + counted, run, isPadded, run.productGops(isPadded)));
      }
    }
    rates.sort(Comparator.comparingDouble(rate -> Math.abs(rate.gops() - LINEAR_GOPS)));
    return rates;
  }

  /** Functions of all models, the fastest first. */
  public List<Function> functions() {
    List<Function> functions = new ArrayList<>();
    for (PaperRun run : models) {
      for (Map.Entry<String, WorkSum> entry : run.result().functions().entrySet()) {
        functions.add(new Function(run, entry.getKey(), entry.getValue()));
      }
    }
    functions.sort(Comparator.comparingDouble(function -> -function.gflops()));
    return functions;
  }

  /** The run of a workload on the default machine. */
  public Optional<PaperRun> run(String workload) {
    return models.stream()
        .filter(run -> run.workload().equals(workload) && run.variant().isEmpty())
        .findFirst();
  }

  /** Every reported figure. */
  public List<Figure> figures() {
    List<Figure> figures = new ArrayList<>();
    rates().stream()
        .filter(rate -> !rate.isPadded())
        .findFirst()
        .ifPresent(
            nearest ->
                figures.add(
                    new Figure(
                        "int8 linear throughput, nearest rate of a model's own products",
                        LINEAR_GOPS,
                        nearest.gops(),
                        "GOPS",
                        nearest.name() + ", batch " + nearest.run().batch(),
                        machine(nearest.run()),
                        "the paper names no workload for it; of all rates without padding this is"
                            + " the nearest")));
    for (PaperRun run : models) {
      if (run.variant().isEmpty()) {
        figures.add(
            new Figure(
                "int8 linear throughput",
                LINEAR_GOPS,
                run.linearGops(false),
                "GOPS",
                run.workload() + ", batch " + run.batch(),
                machine(run),
                linearReason(run)));
      }
    }
    for (double reported : BF16_GFLOPS) {
      Batch batch = nearest(reported);
      figures.add(
          new Figure(
              "bfloat16 throughput, nearest batch of operations",
              reported,
              batch.gflops(),
              "GFLOPS",
              batch.operations() + " operations of a type in turn, vectors in their slots",
              "u280",
              batch.operations() == TataaConfig.u280().buffers().vectorSlots()
                  ? "the paper names no function for it; one operation on every vector slot of a bank"
                      + " between changes of type gives it"
                  : "the paper names no function for it; lanes idle while the array changes its type"
                      + " of operation"));
    }
    functions().stream()
        .findFirst()
        .ifPresent(
            best ->
                figures.add(
                    new Figure(
                        "bfloat16 throughput, fastest function of a whole model",
                        BF16_GFLOPS.get(0),
                        best.gflops(),
                        "GFLOPS",
                        best.function() + " of " + best.run().name(),
                        machine(best.run()),
                        "loads, stores and dependent operations are counted here; bound by "
                            + best.work().bound().unit().text())));
    addRelated(figures);
    addUncompared(figures);
    return figures;
  }

  private Batch nearest(double gflops) {
    return batches.stream()
        .min(Comparator.comparingDouble(batch -> Math.abs(batch.gflops() - gflops)))
        .orElseThrow();
  }

  private static String machine(PaperRun run) {
    return run.variant().isEmpty() ? "u280" : "u280, " + run.variant();
  }

  private static String linearReason(PaperRun run) {
    double padded = run.linearGops(true);
    double useful = run.linearGops(false);
    return padded / useful > 1.02
        ? String.format(
            Locale.ROOT, "tokens do not fill blocks of 32: %.0f GOPS if padding counted", padded)
        : "deep products are drained once, after all parts of their depth";
  }

  private void addRelated(List<Figure> figures) {
    RelatedWork fastest = null;
    RelatedWork leanest = null;
    for (RelatedWork row : RelatedWork.rows()) {
      if (run(row.workload()).isPresent()) {
        fastest = fastest == null || ratio(row, true) > ratio(fastest, true) ? row : fastest;
        leanest = leanest == null || ratio(row, false) > ratio(leanest, false) ? row : leanest;
      }
    }
    if (fastest != null && leanest != null) {
      figures.add(
          related("end-to-end throughput against related work, at most", SPEEDUP, fastest, true));
      figures.add(
          related(
              "throughput of a DSP against related work, at most", DSP_EFFICIENCY, leanest, false));
    }
  }

  private double ratio(RelatedWork row, boolean isSpeed) {
    PaperRun run = run(row.workload()).orElseThrow();
    return isSpeed ? row.speedup(run) : row.efficiency(run);
  }

  private Figure related(String what, double reported, RelatedWork row, boolean isSpeed) {
    PaperRun run = run(row.workload()).orElseThrow();
    return new Figure(
        what,
        reported,
        ratio(row, isSpeed),
        "x",
        run.workload() + ", batch " + run.batch() + ", against " + row.work() + " " + row.model(),
        machine(run),
        isSpeed
            ? "the paper does not say which row its factor refers to; work of the host takes no"
                + " time here"
            : "4096 slices, one for each PE, are counted for the simulated machine; the paper's own"
                + " total is not known to us");
  }

  private static void addUncompared(List<Figure> figures) {
    figures.add(
        absent(
            "latency of bfloat16 operations against a baseline",
            4.25,
            "x",
            "the baseline's latencies are not given"));
    figures.add(
        absent(
            "largest loss of accuracy",
            1.16,
            "%",
            "needs labelled data sets that are not part of this project; what arithmetic costs on a"
                + " pre-trained encoder is below"));
    figures.add(
        absent(
            "power efficiency against RTX 4090",
            2.19,
            "x",
            "the watts behind it are not given; docs/energy.md has estimates"));
    figures.add(
        absent(
            "flip-flops for the bfloat16 mode",
            10.5,
            "%",
            "needs a synthesis; no DSP is added, as the PEs are the same in both modes"));
  }

  private static Figure absent(String what, double reported, String unit, String reason) {
    return new Figure(what, reported, Double.NaN, unit, "", "", reason);
  }
}
