package org.tataa.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.PackLimit;
import org.tataa.compiler.Partitioning;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;
import org.tataa.pipeline.AccuracyStudy;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.ModelSession;
import org.tataa.quant.Calibrator;
import org.tataa.sim.HostThreads;

/**
 * What schemes cost tasks. Items run on the simulated machine, each by itself, on the engine that
 * skips cycles nobody looks at: of all ways to the same bits it is the fastest
 * (docs/performance.md).
 *
 * <pre>{@code
 * TaskStudy study = new TaskStudy(ReadingStore.inMemory(), 1000);
 * for (AccuracyStudy.Scheme scheme : TaskStudy.schemes()) {
 *   System.out.println(study.row(task, scheme, (done, of) -> {}).drop());
 * }
 * }</pre>
 */
public final class TaskStudy {
  /** Stands for a scheme where float32 is meant. */
  private static final String FLOAT32 = "float32";

  /** Items after which readings are kept, at least. */
  private static final int CHUNK = 32;

  /** And at most. */
  private static final int LARGEST_CHUNK = 128;

  private final ReadingStore store;
  private final int draws;

  /**
   * A study.
   *
   * @param store readings that are known; added to
   * @param draws of the bootstrap
   */
  public TaskStudy(ReadingStore store, int draws) {
    this.store = store;
    this.draws = draws;
  }

  /** Those of the table: the default, PUBLISHED, PACKED_INT16, the authors'. */
  public static List<AccuracyStudy.Scheme> schemes() {
    List<String> wanted =
        List.of(
            AccuracyStudy.DEFAULT,
            AccuracyStudy.PUBLISHED,
            AccuracyStudy.PACKED_INT16,
            AccuracyStudy.AUTHORS);
    return AccuracyStudy.schemes().stream().filter(s -> wanted.contains(s.name())).toList();
  }

  /**
   * What a scheme costs a task.
   *
   * @param progress hears of finished items
   */
  public TaskRow row(Task task, AccuracyStudy.Scheme scheme, Calibrator.Progress progress) {
    List<float[]> items = float32(task, task.items());
    Metric metric = task.metric(float32(task, task.training()), items);
    List<float[]> simulated = simulated(task, scheme, progress);
    int[] all = IntStream.range(0, items.size()).toArray();
    double before = metric.value(items, all);
    double after = metric.value(simulated, all);
    return new TaskRow(
        task.name(),
        task.modelName(),
        scheme.name(),
        metric.name(),
        items.size(),
        before,
        after,
        metric.drop(before, after),
        Bootstrap.drop(metric, items, simulated, draws),
        metric.dropUnit());
  }

  private List<float[]> float32(Task task, List<Map<String, NdTensor>> inputs) {
    Evaluator evaluator = new Evaluator(task.model().graph(), task.model().opset());
    List<Integer> open = open(task, FLOAT32, inputs);
    for (int from = 0; from < open.size(); from += CHUNK) {
      List<Integer> chunk = open.subList(from, Math.min(open.size(), from + CHUNK));
      float[][] readings = new float[chunk.size()][];
      HostThreads.forEach(
          chunk.size(),
          0,
          i -> {
            Map<String, NdTensor> item = inputs.get(chunk.get(i));
            readings[i] = task.reading(item, evaluator.run(item, null));
          });
      store.keep(
          task.modelName(), FLOAT32, chunk.stream().map(inputs::get).toList(), List.of(readings));
    }
    return known(task, FLOAT32, inputs);
  }

  private List<float[]> simulated(
      Task task, AccuracyStudy.Scheme scheme, Calibrator.Progress progress) {
    List<Map<String, NdTensor>> items = task.items();
    List<Integer> open = open(task, scheme.name(), items);
    if (!open.isEmpty()) {
      CompilerOptions options =
          scheme
              .options()
              .withQuantization(task.quantization(scheme.options().quantization()))
              .withPartitioning(Partitioning.OFF)
              .withPacking(PackLimit.OFF);
      ModelSession session = new ModelSession(scheme.config(), task.model(), task.fixed(), options);
      session.calibrate(task.calibration(), (done, of) -> {});
      int done = items.size() - open.size();
      for (List<Integer> chunk : chunks(items, open)) {
        List<Map<String, NdTensor>> inputs = chunk.stream().map(items::get).toList();
        BatchResult result = session.run(inputs, false, (part, of) -> {});
        List<float[]> readings = new ArrayList<>();
        for (int i = 0; i < chunk.size(); i++) {
          readings.add(task.reading(inputs.get(i), result.items().get(i).result().outputs()));
        }
        store.keep(task.modelName(), scheme.name(), inputs, readings);
        done += chunk.size();
        progress.done(done, items.size());
      }
    }
    return known(task, scheme.name(), items);
  }

  // Few items of a shape are in one chunk, so that the shape is compiled once.
  private static List<List<Integer>> chunks(List<Map<String, NdTensor>> items, List<Integer> open) {
    Map<String, List<Integer>> shapes = new TreeMap<>();
    for (int item : open) {
      StringBuilder shape = new StringBuilder();
      new TreeMap<>(items.get(item)).forEach((name, v) -> shape.append(name).append(v.dims()));
      shapes.computeIfAbsent(shape.toString(), key -> new ArrayList<>()).add(item);
    }
    List<List<Integer>> chunks = new ArrayList<>();
    List<Integer> chunk = new ArrayList<>();
    for (List<Integer> shape : shapes.values()) {
      for (int from = 0; from < shape.size(); from += LARGEST_CHUNK) {
        chunk.addAll(shape.subList(from, Math.min(shape.size(), from + LARGEST_CHUNK)));
        if (chunk.size() >= CHUNK) {
          chunks.add(chunk);
          chunk = new ArrayList<>();
        }
      }
    }
    if (!chunk.isEmpty()) {
      chunks.add(chunk);
    }
    return chunks;
  }

  private List<Integer> open(Task task, String scheme, List<Map<String, NdTensor>> items) {
    return IntStream.range(0, items.size())
        .filter(i -> store.find(task.modelName(), scheme, items.get(i)) == null)
        .boxed()
        .toList();
  }

  private List<float[]> known(Task task, String scheme, List<Map<String, NdTensor>> items) {
    List<float[]> readings = new ArrayList<>();
    for (Map<String, NdTensor> item : items) {
      float @Nullable [] reading = store.find(task.modelName(), scheme, item);
      if (reading == null) {
        throw new IllegalStateException("the store has lost a reading of " + task.modelName());
      }
      readings.add(reading);
    }
    return readings;
  }
}
