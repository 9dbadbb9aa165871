package org.tataa.digest;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.Int8Matrix;
import org.tataa.compiler.MatrixProduct;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.machine.CoreMachine;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.ModelPart;
import org.tataa.pipeline.ModelSession;
import org.tataa.pipeline.SentenceEncoder;
import org.tataa.pipeline.Sentences;
import org.tataa.pipeline.TextInputs;
import org.tataa.pipeline.Workloads;
import org.tataa.sim.HostOptions;
import org.tataa.tensor.Scale;

/**
 * Digests of what is compiled: a product, a SoftMax, parts of models and whole ones. What is
 * computed on the host, such as scales, uses {@link Math} functions that a JVM may round in its own
 * way, so these digests may be those of a kind of processor.
 */
final class ModelDigests {
  private static final String NONE = "-";

  private final HostOptions host;
  private final Shas shas = new Shas();

  private ModelDigests(HostOptions host) {
    this.host = host;
  }

  /** A matrix product on all cores, deeper than a tile. */
  static JobDigest matmul(String job, HostOptions host) {
    Random random = new Random(1);
    Int8Matrix a = codes(random, 100, 700);
    Int8Matrix b = codes(random, 700, 90);
    MatrixProduct product = MatrixProduct.of(TataaConfig.u280(), a, b, Scale.of(0.001), host);
    ModelDigests digests = new ModelDigests(host);
    for (CompiledModel share : product.programs()) {
      digests.add(share, Map.of());
    }
    return digests.shas.result(job);
  }

  private static Int8Matrix codes(Random random, int rows, int columns) {
    byte[] codes = new byte[rows * columns];
    random.nextBytes(codes);
    return new Int8Matrix(rows, columns, codes);
  }

  /** A SoftMax. */
  static JobDigest softmax(String job, HostOptions host) {
    Workloads.Workload workload = Workloads.softmax(70, 45);
    return item(job, host, session(workload), workload.inputs());
  }

  /** An attention layer of the pre-trained encoder. */
  static JobDigest attention(String job, HostOptions host) {
    try (SentenceEncoder encoder = SentenceEncoder.miniLm(TataaConfig.u280())) {
      Map<String, NdTensor> item = encoder.inputs(Sentences.example().get(0));
      ModelPart part = ModelPart.of(encoder.model(), "/encoder/layer.0/attention/self", item);
      ModelSession session =
          new ModelSession(
              TataaConfig.u280(),
              part.model(),
              part.fixed(TextInputs.FIXED),
              CompilerOptions.DEFAULT);
      return item(job, host, session, part.inputs(item));
    }
  }

  /** A sentence through the whole pre-trained encoder. */
  static JobDigest sentence(String job, HostOptions host) {
    try (SentenceEncoder encoder = SentenceEncoder.miniLm(TataaConfig.u280())) {
      Map<String, NdTensor> item = encoder.inputs(Sentences.example().get(0));
      return item(job, host, encoder.session(), item);
    }
  }

  /** A small vision transformer. */
  static JobDigest vision(String job, HostOptions host) {
    return workload(job, host, Workloads.of("deit-tiny-2"));
  }

  /** A workload as a whole. */
  static JobDigest workload(String job, HostOptions host, Workloads.Workload workload) {
    return item(job, host, session(workload), workload.inputs());
  }

  private static ModelSession session(Workloads.Workload workload) {
    return new ModelSession(
        TataaConfig.u280(), workload.model(), Set.of(), CompilerOptions.DEFAULT);
  }

  private static JobDigest item(
      String job, HostOptions host, ModelSession session, Map<String, NdTensor> item) {
    session.calibrate(List.of(item), (done, of) -> {});
    ModelDigests digests = new ModelDigests(host);
    digests.add(session.compile(item), item);
    return digests.shas.result(job);
  }

  // Runs it with stops, and once more by stepping with somebody listening.
  private void add(CompiledModel program, Map<String, NdTensor> item) {
    Random random = new Random(1);
    CoreMachine machine =
        CoreMachine.simulated(
            program.core(), host.engine(), core -> shas.runWithStops(core, random));
    program.load(machine);
    CompiledModel.Result result = program.run(machine, item);
    shas.cycles += result.cycles();
    result.steps().forEach(step -> step.counters().scan(shas.counters));
    shas.memory.add(machine.read(0, program.core().memory().totalBytes()));
    result.outputs().forEach((name, value) -> shas.memory.add(value.floats()));
    EventDigest listener = new EventDigest(shas.events);
    CoreMachine observed = CoreMachine.observed(program.core(), core -> listener);
    program.load(observed);
    program.run(observed, item);
    listener.finish();
  }

  /** Sentences of equal and of different lengths, on several threads; results for memory. */
  static JobDigest batch(String job, HostOptions host) {
    try (SentenceEncoder encoder = SentenceEncoder.miniLm(TataaConfig.u280())) {
      List<String> texts = Sentences.example();
      encoder.session().use(host);
      encoder.calibrate(texts, (done, of) -> {});
      BatchResult batch = encoder.run(texts, false, (done, of) -> {});
      Sha results = new Sha();
      Sha counters = new Sha();
      for (BatchResult.Item item : batch.items()) {
        item.result().outputs().forEach((name, value) -> results.add(value.floats()));
        item.result().steps().forEach(step -> step.counters().scan(counters));
      }
      counters.add(batch.deviceCycles());
      long cycles = batch.coreCyclesTotal();
      return new JobDigest(job, cycles, results.text(), counters.text(), NONE, NONE);
    }
  }
}
