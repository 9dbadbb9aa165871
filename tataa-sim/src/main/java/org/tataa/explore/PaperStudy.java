package org.tataa.explore;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.Partitioning;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.pipeline.AccuracyStudy;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.ModelSession;
import org.tataa.pipeline.ScheduleStudy;
import org.tataa.pipeline.Sentences;
import org.tataa.pipeline.Workloads;
import org.tataa.quant.Calibrator;
import org.tataa.sim.HostThreads;

/**
 * Simulates what the paper evaluates. Models, layers and batches of operations run without values,
 * which no cycle depends on; the encoder's accuracy is computed.
 */
public final class PaperStudy {
  /** Workloads the paper gives a figure for, or that a row of related work has. */
  public static final List<String> WORKLOADS = List.of("deit-s", "bert-base", "deit-b", "swin-t");

  /** Depths of linear layers that are looked at alone. */
  public static final List<Integer> DEPTHS =
      List.of(64, 128, 192, 256, 320, 384, 512, 768, 1024, 1536, 3072);

  private static final List<Integer> BATCHES =
      List.of(8, 12, 16, 20, 24, 28, 32, 40, 48, 53, 56, 64, 80, 96, 128);

  /** Rows and outputs of the linear layer alone: whole blocks. */
  private static final int ROWS = 256;

  private static final int OUTPUTS = 256;

  /** Every so many of the sentences there are are looked at. */
  private static final int SENTENCE_STEP = 8;

  private static final Change SHORT_TILES = Change.of("tiles-256");

  private PaperStudy() {}

  /**
   * Runs everything.
   *
   * @param workloads names of {@link Workloads}
   * @param depths of linear layers alone, as {@link #DEPTHS}
   * @param hasAccuracy whether the encoder is looked at too, which takes most of the time
   * @param progress hears of finished parts
   * @throws IllegalArgumentException if there is no workload of a name
   */
  public static Paper run(
      List<String> workloads,
      List<Integer> depths,
      boolean hasAccuracy,
      Calibrator.Progress progress) {
    List<ScheduleStudy.Job> jobs = new ArrayList<>();
    workloads.forEach(workload -> jobs.add(ScheduleStudy.jobs(workload).get(0)));
    List<AccuracyStudy.Scheme> schemes = hasAccuracy ? schemes() : List.of();
    int parts = jobs.size() + depths.size() + BATCHES.size() + schemes.size();
    AtomicInteger done = new AtomicInteger();
    Runnable step =
        () -> {
          synchronized (done) {
            progress.done(done.incrementAndGet(), parts);
          }
        };
    return new Paper(
        each(jobs, PaperStudy::models, step).stream().flatMap(List::stream).toList(),
        each(depths, PaperStudy::depth, step),
        each(BATCHES, PaperStudy::batch, step),
        each(schemes, PaperStudy::accuracy, step));
  }

  private interface Work<T, R> {
    R of(T part);
  }

  private static <T, R> List<R> each(List<T> list, Work<T, R> work, Runnable step) {
    List<@Nullable R> results = new ArrayList<>(Collections.nCopies(list.size(), null));
    HostThreads.forEach(
        list.size(),
        0,
        i -> {
          R result = work.of(list.get(i));
          synchronized (results) {
            results.set(i, result);
          }
          step.run();
        });
    List<R> complete = new ArrayList<>();
    for (R result : results) {
      complete.add(Objects.requireNonNull(result));
    }
    return complete;
  }

  private static ModelSession session(Workloads.Workload workload) {
    ModelSession session =
        new ModelSession(
            TataaConfig.u280(),
            workload.model(),
            Set.of(),
            CompilerOptions.DEFAULT.withPartitioning(Partitioning.OFF));
    session.calibrate(List.of(workload.inputs()), (done, of) -> {});
    return session;
  }

  // The default machine, and one with tiles of half the depth.
  private static List<PaperRun> models(ScheduleStudy.Job job) {
    Workloads.Workload workload = Workloads.of(job.workload());
    ModelSession session = session(workload);
    List<Map<String, NdTensor>> items = Collections.nCopies(job.batch(), workload.inputs());
    ModelSession shorter = session.on(SHORT_TILES.change().apply(session.config()));
    return List.of(
        new PaperRun(job.workload(), "", TimedRun.of(session, items)),
        new PaperRun(job.workload(), SHORT_TILES.text(), TimedRun.of(shorter, items)));
  }

  private static Paper.Depth depth(int k) {
    Workloads.Workload workload = Workloads.linear(ROWS, k, OUTPUTS);
    ModelSession session = session(workload);
    List<Map<String, NdTensor>> item = List.of(workload.inputs());
    BatchResult whole = TimedRun.of(session, item);
    BatchResult cut = TimedRun.of(session.on(SHORT_TILES.change().apply(session.config())), item);
    int overhead = session.config().timing().matmulTail() + session.config().timing().drainCycles();
    int restart =
        session.config().timing().busyClearLatency() + session.config().timing().startLatency();
    return new Paper.Depth(
        k,
        new PaperRun("linear", "", whole).linearGops(false),
        new PaperRun("linear", "", cut).linearGops(false),
        session.config().peakInt8Gops() * k / (k + overhead + restart));
  }

  private static Paper.Batch batch(int operations) {
    TataaConfig u280 = TataaConfig.u280();
    return new Paper.Batch(
        operations,
        VectorBatches.gflops(u280, operations),
        VectorBatches.gflops(u280.withPipelinedMode(true), operations));
  }

  /** Whole sums against int16 ones, corrected arithmetic against that of the released design. */
  private static List<AccuracyStudy.Scheme> schemes() {
    TataaConfig u280 = TataaConfig.u280();
    Profiles profiles = u280.profiles();
    CompilerOptions options = CompilerOptions.DEFAULT;
    return List.of(
        new AccuracyStudy.Scheme("CORRECTED, PACKED_FULL, EXTENDED", u280, options),
        new AccuracyStudy.Scheme(
            "CORRECTED, PACKED_INT16, EXTENDED",
            u280.withProfiles(profiles.withAccumulator(AccumulatorKind.PACKED_INT16)),
            options),
        new AccuracyStudy.Scheme(
            "RELEASED_RTL, PACKED_INT16, PUBLISHED",
            u280.withProfiles(Profiles.RELEASED),
            options));
  }

  private static AccuracyStudy.Row accuracy(AccuracyStudy.Scheme scheme) {
    List<String> sentences = new ArrayList<>();
    for (int i = 0; i < Sentences.test().size(); i += SENTENCE_STEP) {
      sentences.add(Sentences.test().get(i));
    }
    return AccuracyStudy.measure(scheme, Sentences.calibration(), sentences, (done, of) -> {});
  }
}
