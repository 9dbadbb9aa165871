package org.tataa.job;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.FMatrixRMaj;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.kernel.ElementwiseEmitter;
import org.tataa.kernel.Layouts;
import org.tataa.kernel.MatMulKernel;
import org.tataa.memory.ExternalMemory;
import org.tataa.model.MiniLm.AttentionWeights;
import org.tataa.numeric.Bfloat16;
import org.tataa.reference.AttentionReference;
import org.tataa.reference.Comparison;
import org.tataa.reference.Float32Reference;
import org.tataa.sim.HostOptions;
import org.tataa.sim.RunResult;
import org.tataa.sim.Simulator;

/**
 * One multi-head self-attention layer on a simulated machine: query, key and value projections,
 * scores, SoftMax, context. Products run in int8 systolic mode, everything else in bfloat16 SIMD
 * mode.
 *
 * <p>Heads are spread over the cores; a head never leaves its core, and between the steps no host
 * touches the data. Padding tokens repeat the last token, and their probabilities are masked to
 * zero.
 */
public final class AttentionJob {
  private static final int WORST = 5;

  private final TataaConfig config;
  private final FMatrixRMaj x;
  private final int tokens;
  private final int heads;
  private final int size;
  private final boolean rangeScaling;
  private final AttentionReference reference;
  private final AttentionQuantizer quantizer;
  private final AttentionLayout[] layouts;
  private final AttentionPrograms[] programs;
  private final int depth;
  private final Simulator simulator;

  /**
   * Prepares a layer: float32 reference, quantisation, layout and programs.
   *
   * @param x {@code [tokens][hidden]} input of the layer
   * @param heads attention heads; the head size must equal the rows of the array
   * @param rangeScaling whether operands are scaled down so that sums fit 16 bits
   * @throws IllegalArgumentException if the machine does not suit the shapes
   */
  public AttentionJob(
      TataaConfig config,
      FMatrixRMaj x,
      AttentionWeights weights,
      int heads,
      boolean rangeScaling) {
    this(config, x, weights, heads, rangeScaling, HostOptions.DEFAULT);
  }

  /** As the other constructor with a choice of engine and threads. */
  public AttentionJob(
      TataaConfig config,
      FMatrixRMaj x,
      AttentionWeights weights,
      int heads,
      boolean rangeScaling,
      HostOptions host) {
    this.config = config;
    this.x = x;
    this.heads = heads;
    this.rangeScaling = rangeScaling;
    tokens = x.numRows;
    size = x.numCols / heads;
    ArrayGeometry geometry = config.geometry();
    if (size != geometry.rows()
        || !config.canTranspose()
        || geometry.lanes() % geometry.rows() != 0) {
      throw new IllegalArgumentException(
          "head size "
              + size
              + " must equal the rows and outputs of the array, which is "
              + geometry.rows()
              + "x"
              + geometry.outputs());
    }
    reference =
        AttentionReference.of(
            Float32Reference.linear(x, weights.query(), weights.queryBias()),
            Float32Reference.linear(x, weights.key(), weights.keyBias()),
            Float32Reference.linear(x, weights.value(), weights.valueBias()),
            heads);
    quantizer = new AttentionQuantizer(x, weights, reference, heads, rangeScaling);
    depth = x.numCols + mostBiasWords();
    layouts = new AttentionLayout[config.cores()];
    programs = new AttentionPrograms[config.cores()];
    for (int core = 0; core < config.cores(); core++) {
      AttentionQuantizer.Head[] mine = new AttentionQuantizer.Head[headsOf(core)];
      for (int i = 0; i < mine.length; i++) {
        mine[i] = quantizer.head(firstHead(core) + i);
      }
      layouts[core] = new AttentionLayout(config, tokens, depth, mine.length);
      programs[core] =
          new AttentionPrograms(
              config, layouts[core], mine, x.numCols, tokens % geometry.rows() != 0);
    }
    simulator = Simulator.builder(config).host(host).build();
  }

  private int firstHead(int core) {
    return Layouts.splitStart(heads, config.cores(), core);
  }

  private int headsOf(int core) {
    return firstHead(core + 1) - firstHead(core);
  }

  private int mostBiasWords() {
    int most = 0;
    for (int head = 0; head < heads; head++) {
      AttentionQuantizer.Head each = quantizer.head(head);
      most = Math.max(most, MatMulKernel.biasWords(each.query.bias));
      most = Math.max(most, MatMulKernel.biasWords(each.key.bias));
      most = Math.max(most, MatMulKernel.biasWords(each.value.bias));
    }
    return most;
  }

  /** The float32 result of the same layer. */
  public AttentionReference reference() {
    return reference;
  }

  /** The simulated machine; after {@link #run()} its memories hold all intermediate results. */
  public Simulator simulator() {
    return simulator;
  }

  /** Runs the layer and compares every step with float32. */
  public AttentionReport run() {
    place();
    List<StepReport> steps = new ArrayList<>();
    steps.add(step("query", Step.QUERY));
    steps.add(step("key", Step.KEY));
    steps.add(step("value", Step.VALUE));
    steps.add(step("scores", Step.SCORES));
    steps.add(step("softmax", Step.SOFTMAX));
    steps.add(step("context", Step.CONTEXT));
    return new AttentionReport(config, tokens, rangeScaling, steps);
  }

  private enum Step {
    QUERY,
    KEY,
    VALUE,
    SCORES,
    SOFTMAX,
    CONTEXT
  }

  private StepReport step(String name, Step step) {
    List<Program> perCore = new ArrayList<>();
    for (AttentionPrograms core : programs) {
      perCore.add(
          switch (step) {
            case QUERY -> core.queries();
            case KEY -> core.keys();
            case VALUE -> core.values();
            case SCORES -> core.scores();
            case SOFTMAX -> core.softmax();
            case CONTEXT -> core.context();
          });
    }
    simulator.continueWith(perCore);
    long start = System.nanoTime();
    RunResult run = simulator.run();
    long wall = System.nanoTime() - start;
    FMatrixRMaj actual =
        switch (step) {
          case QUERY -> projected(true);
          case KEY -> keys();
          case VALUE -> projected(false);
          case SCORES -> perHead(true);
          case SOFTMAX -> perHead(false);
          case CONTEXT -> context();
        };
    FMatrixRMaj expected =
        switch (step) {
          case QUERY -> reference.query();
          case KEY -> reference.key();
          case VALUE -> reference.value();
          case SCORES -> stack(reference.scores());
          case SOFTMAX -> stack(reference.probabilities());
          case CONTEXT -> reference.context();
        };
    return new StepReport(name, run, Comparison.compare(name, actual, expected, WORST), wall);
  }

  private void place() {
    ArrayGeometry geometry = config.geometry();
    int rows = geometry.rows();
    for (int core = 0; core < config.cores(); core++) {
      AttentionLayout layout = layouts[core];
      ExternalMemory memory = simulator.memory(core);
      for (int block = 0; block < layout.blocks; block++) {
        long offset = (long) block * depth * rows;
        memory.write(
            ExternalMemory.Space.X, layout.activations + offset, activationWords(block, false));
        memory.write(
            ExternalMemory.Space.X, layout.keyActivations + offset, activationWords(block, true));
      }
      memory.write(ExternalMemory.Space.X, layout.mask, mask());
      for (int i = 0; i < headsOf(core); i++) {
        AttentionQuantizer.Head head = quantizer.head(firstHead(core) + i);
        AttentionLayout.HeadAddresses at = layout.heads[i];
        memory.write(ExternalMemory.Space.X, at.queryWeights, weightWords(head.query, false));
        memory.write(ExternalMemory.Space.X, at.keyWeights, weightWords(head.key, false));
        memory.write(ExternalMemory.Space.X, at.valueWeights, weightWords(head.value, true));
        memory.write(ExternalMemory.Space.X, at.channelFactors, channelFactors(head));
      }
    }
  }

  private byte[] activationWords(int block, boolean keyOrder) {
    int rows = config.geometry().rows();
    byte[] words = new byte[depth * rows];
    for (int column = 0; column < rows; column++) {
      int place = keyOrder ? AttentionLayout.keyOrder(rows, column) : column;
      int token = Math.min(tokens - 1, block * rows + place);
      for (int k = 0; k < x.numCols; k++) {
        words[k * rows + column] = quantizer.activations()[token * x.numCols + k];
      }
      for (int word = 0; x.numCols + word < depth; word++) {
        words[(x.numCols + word) * rows + column] = MatMulKernel.biasActivation(word);
      }
    }
    return words;
  }

  private byte[] weightWords(AttentionQuantizer.Projection projection, boolean reorder) {
    int words = MatMulKernel.biasWords(projection.bias);
    int width = x.numCols + words;
    byte[] rows = new byte[size * width];
    for (int beat = 0; beat < size; beat++) {
      int channel = reorder ? Layouts.rowOfBeat(beat) : beat;
      System.arraycopy(projection.weights, channel * x.numCols, rows, beat * width, x.numCols);
      MatMulKernel.placeBias(rows, beat * width, x.numCols, words, projection.bias[channel]);
    }
    return Layouts.xWords(config.geometry(), rows, size, width, 0);
  }

  // One element per key and query of the last block of keys: 1 where the key is a token.
  private byte[] mask() {
    int rows = config.geometry().rows();
    int valid = tokens - (tokens - 1) / rows * rows;
    int[] ones = new int[rows * rows];
    java.util.Arrays.fill(ones, 0, valid * rows, Bfloat16.ONE);
    return Layouts.bf16Bytes(ones);
  }

  private byte[] channelFactors(AttentionQuantizer.Head head) {
    double common = AttentionPrograms.contextStep(head) * 127;
    int[] factors = new int[size * size];
    for (int channel = 0; channel < size; channel++) {
      int bits = Bfloat16.fromFloat((float) (head.value.step[channel] / common));
      java.util.Arrays.fill(factors, channel * size, (channel + 1) * size, bits);
    }
    return Layouts.bf16Bytes(factors);
  }

  private interface HeadReader {
    void read(int head, AttentionLayout layout, AttentionLayout.HeadAddresses at, int core);
  }

  private void forEachHead(HeadReader reader) {
    for (int core = 0; core < config.cores(); core++) {
      for (int i = 0; i < headsOf(core); i++) {
        reader.read(firstHead(core) + i, layouts[core], layouts[core].heads[i], core);
      }
    }
  }

  private byte[] bytes(int core, long address, long length) {
    return simulator.memory(core).read(ExternalMemory.Space.YZ, address, (int) length);
  }

  private FMatrixRMaj projected(boolean query) {
    FMatrixRMaj result = new FMatrixRMaj(tokens, x.numCols);
    forEachHead(
        (head, layout, at, core) -> {
          byte[] data =
              bytes(core, query ? at.query : at.value, (long) layout.blocks * layout.block);
          AttentionQuantizer.Head quantised = quantizer.head(head);
          double[] step = query ? quantised.query.step : quantised.value.step;
          for (int token = 0; token < tokens; token++) {
            int base = token / size * layout.block;
            for (int channel = 0; channel < size; channel++) {
              // Values: word of a token, byte of array row `channel`, which is the channel itself.
              int within =
                  query
                      ? channel * size + token % size
                      : token % size * size + size - 1 - Layouts.rowOfBeat(channel);
              result.set(
                  token, head * size + channel, (float) (data[base + within] * step[channel]));
            }
          }
        });
    return result;
  }

  private FMatrixRMaj keys() {
    FMatrixRMaj result = new FMatrixRMaj(tokens, x.numCols);
    forEachHead(
        (head, layout, at, core) -> {
          byte[] data = bytes(core, at.key, (long) layout.blocks * layout.block);
          double[] step = quantizer.head(head).key.step;
          for (int token = 0; token < tokens; token++) {
            int base = token / size * layout.block;
            int column = AttentionLayout.keyOrder(size, token % size);
            for (int channel = 0; channel < size; channel++) {
              result.set(
                  token,
                  head * size + channel,
                  (float) (data[base + channel * size + column] * step[channel]));
            }
          }
        });
    return result;
  }

  // Scores or probabilities of all heads, [head * query][key].
  private FMatrixRMaj perHead(boolean scores) {
    FMatrixRMaj result = new FMatrixRMaj(heads * tokens, tokens);
    int half = size / 2;
    forEachHead(
        (head, layout, at, core) -> {
          for (int query = 0; query < tokens; query++) {
            int block = query / size;
            int column = query % size;
            AttentionPrograms program = programs[core];
            long address =
                scores
                    ? program.scoresAt(at, block)
                    : program.probabilitiesAt(at, block, column / half);
            byte[] data = bytes(core, address, (scores ? 2L : 1L) * layout.blocks * layout.block);
            for (int key = 0; key < tokens; key++) {
              float value =
                  scores
                      ? Bfloat16.toFloat(Layouts.bf16At(data, 2 * (key * size + column)))
                          * (float) Math.log(2)
                      : data[key * size + column % half] / 127f;
              result.set(head * tokens + query, key, value);
            }
          }
        });
    return result;
  }

  private FMatrixRMaj context() {
    FMatrixRMaj result = new FMatrixRMaj(tokens, x.numCols);
    int half = size / 2;
    int vectors = 2 * size * size / config.geometry().vectorBytes();
    forEachHead(
        (head, layout, at, core) -> {
          for (int part = 0; part < 2 * layout.blocks; part++) {
            byte[] data =
                ElementwiseEmitter.inputOrder(
                    config,
                    bytes(core, at.context + 2L * part * layout.block, 2L * layout.block),
                    vectors);
            for (int i = 0; i < half && part * half + i < tokens; i++) {
              for (int channel = 0; channel < size; channel++) {
                result.set(
                    part * half + i,
                    head * size + channel,
                    Bfloat16.toFloat(Layouts.bf16At(data, 2 * (channel * size + i))));
              }
            }
          }
        });
    return result;
  }

  private FMatrixRMaj stack(List<FMatrixRMaj> matrices) {
    FMatrixRMaj result = new FMatrixRMaj(heads * tokens, tokens);
    for (int head = 0; head < heads; head++) {
      System.arraycopy(
          matrices.get(head).data, 0, result.data, head * tokens * tokens, tokens * tokens);
    }
    return result;
  }
}
