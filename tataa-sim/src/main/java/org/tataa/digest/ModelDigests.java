package org.tataa.digest;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.job.AttentionJob;
import org.tataa.job.StepReport;
import org.tataa.machine.CoreMachine;
import org.tataa.memory.ExternalMemory;
import org.tataa.model.MiniLm;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.ModelSession;
import org.tataa.pipeline.SentenceEncoder;
import org.tataa.pipeline.Sentences;
import org.tataa.pipeline.Workloads;
import org.tataa.sim.HostOptions;

/**
 * Digests of models. What is computed on the host, such as scales, uses {@link Math} functions that
 * a JVM may round in its own way, so these digests may be those of a kind of processor.
 */
final class ModelDigests {
  private static final String NONE = "-";

  private ModelDigests() {}

  /** An attention layer on eight cores. */
  static JobDigest attention(String job, HostOptions host) {
    MiniLm model = MiniLm.load();
    AttentionJob attention =
        new AttentionJob(
            TataaConfig.u280(),
            model.embed(MiniLm.defaultTokens()),
            model.attention(0),
            MiniLm.HEADS,
            false,
            host);
    Sha counters = new Sha();
    Sha registers = new Sha();
    Sha memory = new Sha();
    long cycles = 0;
    for (StepReport step : attention.run().steps()) {
      for (org.tataa.sim.CoreResult core : step.run().cores()) {
        cycles += core.counters().cycles();
        core.counters().scan(counters);
      }
    }
    attention.simulator().scan(registers);
    for (int core = 0; core < attention.simulator().coreCount(); core++) {
      ExternalMemory contents = attention.simulator().memory(core);
      contents.scan(memory, 0, contents.config().totalBytes());
    }
    return new JobDigest(job, cycles, memory.text(), counters.text(), registers.text(), NONE);
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
    Workloads.Workload workload = Workloads.of("deit-tiny-2");
    ModelSession session =
        new ModelSession(TataaConfig.u280(), workload.model(), Set.of(), CompilerOptions.DEFAULT);
    return item(job, host, session, workload.inputs());
  }

  private static JobDigest item(
      String job, HostOptions host, ModelSession session, Map<String, NdTensor> item) {
    session.calibrate(List.of(item), (done, of) -> {});
    CompiledModel program = session.compile(item);
    CoreMachine machine = CoreMachine.simulated(program.core(), host.engine());
    program.load(machine);
    CompiledModel.Result result = program.run(machine, item);
    Sha counters = new Sha();
    result.steps().forEach(step -> step.counters().scan(counters));
    Sha memory = new Sha();
    memory.add(machine.read(0, program.core().memory().totalBytes()));
    result.outputs().forEach((name, value) -> memory.add(value.floats()));
    Sha events = new Sha();
    EventDigest listener = new EventDigest(events);
    CoreMachine observed = CoreMachine.observed(program.core(), core -> listener);
    program.load(observed);
    program.run(observed, item);
    listener.finish();
    return new JobDigest(job, result.cycles(), memory.text(), counters.text(), NONE, events.text());
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
