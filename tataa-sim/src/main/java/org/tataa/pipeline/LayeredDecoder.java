package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongConsumer;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.Compiler;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.TataaConfig;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;
import org.tataa.lower.CachedDecoder;
import org.tataa.machine.CoreMachine;
import org.tataa.onnx.OnnxImporter;
import org.tataa.quant.Calibrator;
import org.tataa.sim.HostOptions;
import org.tataa.tensor.StateValues;
import org.tataa.tile.StateTransfer;

/**
 * A large decoder that makes text on a device, its layers one after the other. Each layer is made,
 * calibrated and compiled once; it reads the prompt, and of its program for a token the int8
 * weights and what the host does are kept, no more. Then all layers run for every token.
 * Instructions are those of the first layer that is alike.
 *
 * <p>Values are those of a {@link DecoderSession}.
 */
public final class LayeredDecoder {
  private final TataaConfig config;
  private final LayeredModel model;
  private final CompilerOptions options;
  private final GenerationSizes sizes;
  private final int cores;
  private HostOptions host = HostOptions.DEFAULT;

  /**
   * A decoder.
   *
   * @param model with past keys and values among its inputs
   * @param sizes for which programs are made; there are programs for its largest number of slots
   *     only
   * @throws org.tataa.graph.GraphException if the model is no decoder with past keys and values
   */
  public LayeredDecoder(
      TataaConfig config, LayeredModel model, CompilerOptions options, GenerationSizes sizes) {
    this.config = config;
    OnnxImporter.Model cached = CachedDecoder.of(model.model(), sizes.limit());
    this.model =
        new LayeredModel(
            cached,
            model.borders().stream()
                .map(border -> CachedDecoder.rewritten(cached.graph(), border))
                .toList());
    this.options = options;
    this.sizes = sizes;
    cores = LayeredSession.cores(config, options);
  }

  /**
   * Bytes of host memory that are needed, about.
   *
   * @param makesMany whether more than one token is made, for which the weights of all layers are
   *     kept
   */
  public long memoryBytes(boolean makesMany) {
    return model.memoryBytes(makesMany);
  }

  /** Uses an engine and a number of threads (default: {@link HostOptions#DEFAULT}). */
  public void use(HostOptions value) {
    host = value;
  }

  /** Most tokens of a text. */
  public int limit() {
    return sizes.limit();
  }

  /**
   * Makes tokens.
   *
   * @param prompt at least one token
   * @param count how many to make
   * @param samples texts to calibrate on
   * @param listener hears of every token as it is made
   * @param progress hears of every layer that has read the prompt
   * @throws IllegalArgumentException if the text would be longer than {@link #limit}
   */
  public Generation generate(
      long[] prompt,
      int count,
      List<long[]> samples,
      TokenChoice choice,
      LongConsumer listener,
      Calibrator.Progress progress) {
    sizes.requireRoom(prompt.length, count);
    Run run = new Run(prompt, samples);
    run.prefill(count > 1, progress);
    long[] text = Arrays.copyOf(prompt, prompt.length + count);
    List<Long> made = new ArrayList<>();
    for (int end = prompt.length; end < text.length; end++) {
      if (end > prompt.length) {
        run.token(text[end - 1], end - 1);
      }
      long token = choice.of(run.logits);
      text[end] = token;
      made.add(token);
      listener.accept(token);
    }
    List<Generation.Step> steps = new ArrayList<>();
    run.blocks.forEach(block -> steps.add(block.step()));
    return new Generation(config, Arrays.stream(prompt).boxed().toList(), made, steps);
  }

  // Some tokens that go through the layers together.
  private final class Block {
    private final boolean isPrefill;
    private final int position;
    private final int count;
    private final int rows;
    private final Map<String, NdTensor> inputs;
    private final List<CompiledModel.StepReport> steps = new ArrayList<>();
    private Map<String, NdTensor> outputs = Map.of();
    private long nanos;
    private long stateBytes;

    Block(boolean isPrefill, long[] text, int position, int count, int rows) {
      this.isPrefill = isPrefill;
      this.position = position;
      this.count = count;
      this.rows = rows;
      long[] ids = new long[rows];
      System.arraycopy(text, 0, ids, 0, count);
      inputs = CachedDecoder.inputs(model.graph(), ids, position, count, sizes.limit());
    }

    Map<String, NdTensor> inputs(int part) {
      return model.inputs(part, inputs, outputs);
    }

    // Keys and values go from one program to another if the block before has another size.
    void run(
        int part, CompiledModel program, CoreMachine loaded, StateValues states, boolean isOther) {
      stateBytes += isOther ? StateTransfer.bytes(program.levels().schedule().tiles()) : 0;
      long start = System.nanoTime();
      program.loadStates(loaded, states);
      CompiledModel.Result result = program.run(loaded, inputs(part));
      program.saveStates(loaded, states);
      nanos += System.nanoTime() - start;
      steps.addAll(result.steps());
      outputs = result.outputs();
    }

    Generation.Step step() {
      return new Generation.Step(
          isPrefill,
          position,
          count,
          rows,
          sizes.limit(),
          stateBytes,
          nanos,
          new CompiledModel.Result(Map.of(), steps, cores));
    }
  }

  /** One text. */
  private final class Run {
    private final List<Block> blocks = new ArrayList<>();
    private final List<Map<String, NdTensor>> samples = new ArrayList<>();
    private final Compiler compiler = new Compiler(config, model.part(0), options);
    private final List<CompiledModel> kept = new ArrayList<>();
    private final StateValues states = new StateValues();
    private final LayerMachine machine = new LayerMachine(host);
    // What samples gave in float32 so far.
    private List<Map<String, NdTensor>> hidden = samples;
    private float[] logits = {};

    Run(long[] prompt, List<long[]> texts) {
      for (int read = 0; read < prompt.length; ) {
        int left = prompt.length - read;
        int rows = Math.min(left == 1 ? 1 : sizes.rowsFor(left), sizes.limit() - read);
        int count = Math.min(rows, left);
        long[] ids = Arrays.copyOfRange(prompt, read, read + count);
        blocks.add(new Block(true, ids, read, count, rows));
        read += count;
      }
      for (long[] ids : texts) {
        samples.add(CachedDecoder.inputs(model.graph(), ids, 0, ids.length, ids.length));
      }
    }

    // The prompt goes through one layer after the other.
    void prefill(boolean keepsPrograms, Calibrator.Progress progress) {
      for (int number = 0; number < model.parts(); number++) {
        prefill(number, keepsPrograms);
        progress.done(number + 1, model.parts());
      }
      logits = row(blocks.get(blocks.size() - 1));
    }

    private void prefill(int number, boolean keepsPrograms) {
      Compiler own = compiler.ofLayer(model.heldPart(number));
      List<Map<String, NdTensor>> given = new ArrayList<>();
      for (int i = 0; i < samples.size(); i++) {
        given.add(model.inputs(number, samples.get(i), hidden.get(i)));
      }
      Compiler.Calibrated calibrated = own.calibrated(given, Set.of(), (done, of) -> {});
      hidden = calibrated.results();
      Map<Integer, CompiledModel> byRows = new LinkedHashMap<>();
      int rows = blocks.get(0).rows;
      for (Block block : blocks) {
        CompiledModel program = byRows.get(block.rows);
        if (program == null) {
          program = own.compile(block.inputs(number), Set.of(), calibrated.calibration(), cores);
          byRows.put(block.rows, program);
        }
        block.run(number, program, machine.with(program), states, block.rows != rows);
        rows = block.rows;
      }
      if (keepsPrograms) {
        CompiledModel known = byRows.get(1);
        CompiledModel program =
            known == null
                ? own.compile(
                    oneToken(number, given.get(0)), Set.of(), calibrated.calibration(), cores)
                : known;
        kept.add(program.slim());
      }
    }

    // Shapes of what a part is given for a token.
    private Map<String, NdTensor> oneToken(int number, Map<String, NdTensor> sample) {
      Map<String, NdTensor> ids = new Block(false, new long[1], 0, 1, 1).inputs;
      if (number == 0) {
        return ids;
      }
      String hidden = model.input(number);
      NdTensor many = Objects.requireNonNull(sample.get(hidden));
      return model.inputs(
          number, ids, Map.of(hidden, NdTensor.unknown(ElementType.FLOAT, 1, 1, many.dim(-1))));
    }

    void token(long token, int position) {
      Block block = new Block(false, new long[] {token}, position, 1, 1);
      for (int number = 0; number < model.parts(); number++) {
        CompiledModel program = kept.get(number);
        boolean isOther = blocks.get(blocks.size() - 1).rows != 1;
        block.run(number, program, machine.with(program), states, isOther);
      }
      blocks.add(block);
      logits = row(block);
    }
  }

  private float[] row(Block block) {
    NdTensor all = block.outputs.get(model.graph().outputs().get(0));
    return DecoderSession.row(model.graph(), all, block.rows, block.count - 1);
  }
}
