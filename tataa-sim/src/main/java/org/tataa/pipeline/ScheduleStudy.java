package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
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

  /** Texts of a decoder, one per core. */
  private static final int DECODER_BATCH = 8;

  private static final int DECODER_KEYS = 128;

  /**
   * What is measured.
   *
   * @param workload a name of {@link Workloads}, or all-MiniLM-L6-v2 on its six sentences
   * @param variant what differs from the default machine; empty for none
   * @param config the device
   * @param batch items; 0 for those the workload has
   * @param required items per second it must reach; NaN if nothing is required
   * @param rows tokens of a text of {@value #DECODER_KEYS} that a run of a decoder reads, its last
   *     ones; 0 for other workloads
   */
  public record Job(
      String workload, String variant, TataaConfig config, int batch, double required, int rows) {
    Job(String workload, String variant, TataaConfig config, int batch, double required) {
      this(workload, variant, config, batch, required, 0);
    }

    /** Name for a table. */
    public String name() {
      return variant.isEmpty() ? workload : workload + ", " + variant;
    }

    /** With another number of items. */
    public Job withBatch(int value) {
      return new Job(workload, variant, config, value, required, rows);
    }
  }

  /**
   * What a job took.
   *
   * @param job the job
   * @param result a batch of it
   * @param memoryBeats for a decoder, beats of one port to read its weights and the keys and values
   *     it keeps once; else 0. A product reads the larger of its operands by one port
   */
  public record Row(Job job, BatchResult result, long memoryBeats) {
    Row(Job job, BatchResult result) {
      this(job, result, 0);
    }

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

  private static final int CALIBRATED = 8;

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
    jobs.addAll(decoders("gpt2-medium"));
    jobs.add(new Job("deit-s", "one image on 8 cores", u280, 1, Double.NaN));
    jobs.add(new Job("bert-base", "one sequence on 8 cores", u280, 1, Double.NaN));
    return jobs;
  }

  private static List<Job> decoders(String name) {
    TataaConfig config = TataaConfig.u280();
    return List.of(
        new Job(name, "prompt of 128 tokens", config, DECODER_BATCH, Double.NaN, DECODER_KEYS),
        new Job(name, "a token after 127", config, DECODER_BATCH, Double.NaN, 1));
  }

  /**
   * The jobs of a workload; one on the default machine if there are none.
   *
   * @throws IllegalArgumentException if there is no workload of this name, or it is too large to be
   *     compiled as a whole
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
    if (Workloads.isLarge(workload)) {
      throw new IllegalArgumentException(
          workload + " is run layer by layer, see `tataa run " + workload + "`");
    }
    if (Workloads.decoder(workload) != null) {
      return decoders(workload);
    }
    return List.of(new Job(workload, "", TataaConfig.u280(), VISION_BATCH, Double.NaN));
  }

  /** Compiles and simulates a job: one item, or those that the batch runs as one. */
  public static Row measure(Job job, Calibrator.Progress progress) {
    if (job.workload().equals(SentenceEncoder.MINI_LM)) {
      try (SentenceEncoder encoder =
          SentenceEncoder.miniLm(job.config(), CompilerOptions.DEFAULT)) {
        encoder.session().use(BuiltInCalibration.miniLm());
        BatchResult result = encoder.run(Sentences.example(), false, progress);
        return new Row(job.withBatch(result.items().size()), result);
      }
    }
    DecoderWorkload decoder = Workloads.decoder(job.workload());
    if (decoder != null && job.rows() > 0) {
      return decoder(job, decoder);
    }
    Workloads.Workload workload = Workloads.of(job.workload());
    List<Map<String, NdTensor>> item = List.of(workload.inputs());
    CompilerOptions options =
        CompilerOptions.DEFAULT.withPartitioning(
            job.batch() == 1 ? Partitioning.AUTO : Partitioning.OFF);
    ModelSession session = new ModelSession(job.config(), workload.model(), Set.of(), options);
    session.calibrate(item, (done, of) -> {});
    int batch = Math.max(1, job.batch());
    BatchResult first =
        session.runFirst(Collections.nCopies(batch, workload.inputs()), false, progress);
    return row(job, first, 0);
  }

  // A batch of runs that are all like the first one.
  private static Row row(Job job, BatchResult first, long memoryBeats) {
    int together = first.items().size();
    int packs = (Math.max(1, job.batch()) + together - 1) / together;
    List<BatchResult.Item> items = new ArrayList<>();
    List<BatchResult.Run> runs = new ArrayList<>();
    for (int pack = 0; pack < packs; pack++) {
      int from = items.size();
      items.addAll(first.items());
      runs.add(
          new BatchResult.Run(
              first.runs().get(0).result(), IntStream.range(from, items.size()).boxed().toList()));
    }
    return new Row(
        job.withBatch(items.size()),
        new BatchResult(job.config(), items, runs, first.nanos(), first.simulationNanos()),
        memoryBeats);
  }

  // Ranges do not matter for cycles, so a few tokens suffice for them.
  private static Row decoder(Job job, DecoderWorkload workload) {
    long start = System.nanoTime();
    DecoderSession session =
        new DecoderSession(
            job.config(),
            workload.withPast(),
            CompilerOptions.DEFAULT.withPartitioning(
                job.batch() == 1 ? Partitioning.AUTO : Partitioning.OFF),
            GenerationSizes.DEFAULT.forTokens(DECODER_KEYS));
    session.calibrate(List.of(workload.text(CALIBRATED, 1)), (done, of) -> {});
    long[] ids = workload.text(DECODER_KEYS, 1);
    DecoderSession.Timed run = session.run(ids, DECODER_KEYS - job.rows(), job.rows(), ids.length);
    BatchResult.Item item = new BatchResult.Item(run.result(), Map.of());
    return row(
        job,
        new BatchResult(job.config(), List.of(item), System.nanoTime() - start, run.nanos()),
        run.memoryBytes() / job.config().memory().portBytes());
  }
}
