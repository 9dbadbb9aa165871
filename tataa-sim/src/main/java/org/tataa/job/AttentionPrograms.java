package org.tataa.job;

import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;
import org.tataa.kernel.BlockStream;
import org.tataa.kernel.ElementwiseEmitter;
import org.tataa.kernel.MatMulKernel;
import org.tataa.kernel.Scale;
import org.tataa.kernel.SoftmaxEmitter;

/** The programs of one core for the steps of an attention layer, over all its heads. */
final class AttentionPrograms {
  private final TataaConfig config;
  private final AttentionLayout layout;
  private final AttentionQuantizer.Head[] heads;
  private final int hidden;
  private final boolean masked;

  AttentionPrograms(
      TataaConfig config,
      AttentionLayout layout,
      AttentionQuantizer.Head[] heads,
      int hidden,
      boolean masked) {
    this.config = config;
    this.layout = layout;
    this.heads = heads;
    this.hidden = hidden;
    this.masked = masked;
  }

  private int depth(AttentionQuantizer.Projection projection) {
    return hidden + MatMulKernel.biasWords(projection.bias);
  }

  Program queries() {
    return projections(Role.QUERY);
  }

  Program keys() {
    return projections(Role.KEY);
  }

  Program values() {
    return projections(Role.VALUE);
  }

  private enum Role {
    QUERY,
    KEY,
    VALUE
  }

  private Program projections(Role role) {
    ProgramBuilder program = new ProgramBuilder();
    BlockStream stream = new BlockStream(config, program);
    for (int head = 0; head < heads.length; head++) {
      AttentionLayout.HeadAddresses at = layout.heads[head];
      AttentionQuantizer.Head quantised = heads[head];
      switch (role) {
        case QUERY ->
            project(stream, quantised.query, at.queryWeights, layout.activations, false, at.query);
        case KEY ->
            project(stream, quantised.key, at.keyWeights, layout.keyActivations, false, at.key);
        case VALUE ->
            project(stream, quantised.value, at.valueWeights, layout.activations, true, at.value);
      }
    }
    stream.emit();
    return program.halt().build();
  }

  private void project(
      BlockStream stream,
      AttentionQuantizer.Projection projection,
      long weights,
      long activations,
      boolean transpose,
      long target) {
    int depth = depth(projection);
    for (int block = 0; block < layout.blocks; block++) {
      stream.add(
          new BlockStream.Block(
              weights,
              activations + block * activationBytes(),
              depth,
              StoreMode.ACC_TO_INT8,
              transpose,
              projection.requantise,
              target + (long) block * layout.block));
    }
  }

  private long activationBytes() {
    return (layout.keyActivations - layout.activations) / layout.blocks;
  }

  Program scores() {
    ProgramBuilder program = new ProgramBuilder();
    BlockStream stream = new BlockStream(config, program);
    for (int head = 0; head < heads.length; head++) {
      AttentionLayout.HeadAddresses at = layout.heads[head];
      Scale scale = Scale.of(heads[head].scoreStep());
      for (int query = 0; query < layout.blocks; query++) {
        for (int key = 0; key < layout.blocks; key++) {
          stream.add(
              new BlockStream.Block(
                  at.key + (long) key * layout.block,
                  at.query + (long) query * layout.block,
                  config.geometry().rows(),
                  StoreMode.ACC_TO_BF16,
                  false,
                  scale,
                  scoresAt(at, query) + 2L * key * layout.block));
        }
      }
    }
    stream.emit();
    return program.halt().build();
  }

  /** bfloat16 scores {@code [key][query]} of one block of queries. */
  long scoresAt(AttentionLayout.HeadAddresses at, int query) {
    return at.scores + 2L * query * layout.blocks * layout.block;
  }

  /** int8 probabilities {@code [key][query]} of one half of a block of queries. */
  long probabilitiesAt(AttentionLayout.HeadAddresses at, int query, int half) {
    return at.probabilities + (2L * query + half) * layout.blocks * layout.block;
  }

  Program softmax() {
    ProgramBuilder program = new ProgramBuilder();
    SoftmaxEmitter emitter = new SoftmaxEmitter(config, program, true);
    emitter.constants();
    int features = config.geometry().lanes() / config.geometry().outputs();
    int vectors = config.geometry().rows() / features;
    for (AttentionLayout.HeadAddresses at : layout.heads) {
      for (int query = 0; query < layout.blocks; query++) {
        emitter.emit(
            new SoftmaxEmitter.Plan(
                vectors * layout.blocks,
                features,
                scoresAt(at, query),
                false,
                masked ? layout.mask : -1,
                layout.blocks * vectors / config.geometry().dmpus() - 1,
                layout.scratch,
                layout.exchange,
                probabilitiesAt(at, query, 0),
                probabilitiesAt(at, query, 1)),
            SoftmaxEmitter.Output.INT8_HALVES);
      }
    }
    return program.halt().build();
  }

  /** Real value of one step of a context sum in the channel with the largest factor. */
  static double contextStep(AttentionQuantizer.Head head) {
    double largest = 0;
    for (double step : head.value.step) {
      largest = Math.max(largest, step);
    }
    return largest / 127;
  }

  Program context() {
    ProgramBuilder program = new ProgramBuilder();
    BlockStream stream = new BlockStream(config, program);
    int halves = 2 * layout.blocks;
    for (int head = 0; head < heads.length; head++) {
      AttentionLayout.HeadAddresses at = layout.heads[head];
      for (int half = 0; half < halves; half++) {
        stream.add(
            new BlockStream.Block(
                at.value,
                probabilitiesAt(at, half / 2, half % 2),
                layout.blocks * config.geometry().rows(),
                StoreMode.ACC_TO_BF16,
                false,
                Scale.of(contextStep(heads[head])),
                at.contextSums + 2L * half * layout.block));
      }
    }
    stream.emit();
    int vectors = 2 * layout.block / config.geometry().vectorBytes();
    ElementwiseEmitter emitter = new ElementwiseEmitter(config, program);
    for (AttentionLayout.HeadAddresses at : layout.heads) {
      emitter.multiplyBy(at.contextSums, halves, vectors, at.channelFactors, at.context);
    }
    return program.halt().build();
  }
}
