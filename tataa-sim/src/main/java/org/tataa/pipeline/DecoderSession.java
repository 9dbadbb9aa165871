package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.Compiler;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.TataaConfig;
import org.tataa.graph.DecoderControl;
import org.tataa.graph.ElementType;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.lower.CachedDecoder;
import org.tataa.machine.CoreMachine;
import org.tataa.onnx.OnnxImporter;
import org.tataa.quant.Calibration;
import org.tataa.quant.Calibrator;
import org.tataa.sim.HostOptions;
import org.tataa.tensor.StateValues;
import org.tataa.tile.StateTransfer;

/**
 * A decoder that makes text on a device, a token after the other.
 *
 * <p>With past keys and values among its inputs, they stay on the device: the prompt is read in
 * blocks, then each run reads one token. Without, or if it is asked for, every run reads the whole
 * text. Both give the same tokens: no value of a token depends on what is read beside it.
 *
 * <pre>{@code
 * DecoderSession session =
 *     new DecoderSession(TataaConfig.u280(), model, CompilerOptions.DEFAULT, GenerationSizes.DEFAULT);
 * session.calibrate(List.of(ids), (done, of) -> {});
 * Generation made = session.generate(ids, 40, true, TokenChoice.greedy(), token -> {});
 * }</pre>
 */
public final class DecoderSession {
  // A program on a machine.
  private record Loaded(int rows, int slots, CompiledModel model, CoreMachine machine) {}

  private static final int CALIBRATED = 64;

  private final TataaConfig config;
  private final OnnxImporter.Model model;
  private final GenerationSizes sizes;
  private final Compiler compiler;
  private final int cores;
  private final boolean isCached;
  private final String tokens;
  private final Map<Boolean, Loaded> loaded = new LinkedHashMap<>();
  private HostOptions host = HostOptions.DEFAULT;
  private @Nullable Calibration calibration;

  /**
   * A session.
   *
   * @param model logits {@code [1][tokens][vocabulary]} are its first output
   * @param sizes for which programs are made
   * @throws GraphException if the model is no decoder of token ids
   */
  public DecoderSession(
      TataaConfig config,
      OnnxImporter.Model model,
      CompilerOptions options,
      GenerationSizes sizes) {
    this.config = config;
    this.sizes = sizes;
    isCached = CachedDecoder.hasPast(model.graph());
    OnnxImporter.Model first =
        isCached ? CachedDecoder.of(model, sizes.limit()) : TextInputs.firstOutput(model);
    this.model = TextInputs.firstOutput(first);
    tokens = CachedDecoder.tokens(this.model.graph());
    compiler = new Compiler(config, this.model, options);
    cores = options.partitioning().isAuto() ? config.cores() : options.partitioning().cores();
    if (cores > config.cores()) {
      throw new IllegalArgumentException(
          "an item on " + cores + " cores, expected at most " + config.cores());
    }
  }

  /** Whether the model takes past keys and values, which then stay on the device. */
  public boolean isCached() {
    return isCached;
  }

  /** Most tokens of a text. */
  public int limit() {
    return sizes.limit();
  }

  /** Uses an engine and a number of threads (default: {@link HostOptions#DEFAULT}). */
  public void use(HostOptions value) {
    host = value;
  }

  /** Uses a calibration. */
  public void use(Calibration value) {
    calibration = value;
  }

  /**
   * Calibrates on texts and uses the result. Steps of codes are chosen once, whatever is generated.
   *
   * @param texts token ids
   */
  public Calibration calibrate(List<long[]> texts, Calibrator.Progress progress) {
    List<Map<String, NdTensor>> samples = new ArrayList<>();
    texts.forEach(ids -> samples.add(inputs(ids, 0, ids.length, ids.length)));
    Calibration result = compiler.calibrate(samples, Set.of(), progress);
    calibration = result;
    return result;
  }

  /**
   * A text to calibrate on if there is only a prompt: continued by seeded tokens of the vocabulary
   * until it is long enough for ranges that mean something.
   */
  public long[] calibrationText(long[] prompt) {
    if (prompt.length >= CALIBRATED) {
      return prompt;
    }
    int rows = prompt.length;
    Map<String, NdTensor> shapes = new LinkedHashMap<>();
    inputs(prompt, 0, rows, rows).forEach((name, value) -> shapes.put(name, value.withoutData()));
    if (!isCached) {
      // Lengths are known, as the model's shapes may depend on them.
      shapes.putAll(inputs(prompt, 0, rows, rows));
      shapes.put(tokens, NdTensor.unknown(ElementType.INT, 1, rows));
    }
    Graph graph = model.graph();
    NdTensor logits = new Evaluator(graph, model.opset()).run(shapes, null).get(output());
    return calibrationText(prompt, logits == null || logits.rank() == 0 ? 1 : logits.dim(-1));
  }

  /**
   * As {@link #calibrationText(long[])}, the number of tokens of the vocabulary being known.
   *
   * @param vocabulary at least 1
   */
  public static long[] calibrationText(long[] prompt, int vocabulary) {
    if (prompt.length >= CALIBRATED) {
      return prompt;
    }
    long[] text = new Random(1).longs(CALIBRATED, 0, Math.max(1, vocabulary)).toArray();
    System.arraycopy(prompt, 0, text, 0, prompt.length);
    return text;
  }

  private String output() {
    return model.graph().outputs().get(0);
  }

  // Inputs of the model as it is compiled; slots count with a cache only.
  private Map<String, NdTensor> inputs(long[] ids, int position, int count, int slots) {
    return isCached
        ? CachedDecoder.inputs(model.graph(), ids, position, count, slots)
        : DecoderControl.inputs(
            model.graph(), tokens, Map.of(), NdTensor.of(ids, 1, ids.length), 0);
  }

  /**
   * The program for a run.
   *
   * @param rows tokens it has room for
   * @param slots keys it has room for; does not matter without a cache
   */
  public CompiledModel compile(int rows, int slots) {
    Calibration known = calibration;
    if (known == null) {
      throw new IllegalStateException("calibrate the model, or use a calibration, first");
    }
    return compiler.compile(inputs(new long[rows], 0, rows, slots), Set.of(), known, cores);
  }

  /**
   * Makes tokens.
   *
   * @param prompt at least one token
   * @param count how many to make
   * @param keepsKeys whether keys and values stay on the device; if not, or if the model cannot,
   *     every run reads the whole text
   * @param listener hears of every token as it is made
   * @throws IllegalArgumentException if the text would be longer than {@link #limit}
   */
  public Generation generate(
      long[] prompt, int count, boolean keepsKeys, TokenChoice choice, LongConsumer listener) {
    sizes.requireRoom(prompt.length, count);
    Run run = new Run(keepsKeys && isCached, prompt.length);
    long[] text = Arrays.copyOf(prompt, prompt.length + count);
    List<Long> made = new ArrayList<>();
    for (int end = prompt.length; end < text.length; end++) {
      long token = choice.of(run.logits(text, end));
      text[end] = token;
      made.add(token);
      listener.accept(token);
    }
    return new Generation(config, Arrays.stream(prompt).boxed().toList(), made, run.steps);
  }

  /** One text. */
  private final class Run {
    private final boolean keepsKeys;
    private final int prompt;
    private final List<Generation.Step> steps = new ArrayList<>();
    private final StateValues states = new StateValues();
    private @Nullable Loaded holder;
    private int read;

    Run(boolean keepsKeys, int prompt) {
      this.keepsKeys = keepsKeys;
      this.prompt = prompt;
    }

    // Logits behind the first tokens of a text.
    float[] logits(long[] text, int end) {
      if (!keepsKeys) {
        int rows = sizes.wholeFor(end);
        return step(text, 0, end, rows, isCached ? sizes.slotsFor(rows) : 0);
      }
      float[] logits = {};
      while (read < end) {
        int rows = end - read == 1 ? 1 : sizes.rowsFor(end - read);
        rows = Math.min(rows, sizes.limit() - read);
        int count = Math.min(rows, end - read);
        logits = step(text, read, count, rows, sizes.slotsFor(read + rows));
        read += count;
      }
      return logits;
    }

    private float[] step(long[] text, int position, int count, int rows, int slots) {
      long[] ids = new long[rows];
      System.arraycopy(text, position, ids, 0, count);
      Loaded program = program(rows, slots);
      long moved = keepsKeys ? hand(program) : 0;
      long start = System.nanoTime();
      if (!keepsKeys && isCached) {
        program.model().loadStates(program.machine(), new StateValues());
      }
      CompiledModel.Result result =
          program.model().run(program.machine(), inputs(ids, position, count, slots));
      long nanos = System.nanoTime() - start;
      boolean isPrefill = position + count <= prompt;
      CompiledModel.Result kept =
          new CompiledModel.Result(Map.of(), result.steps(), result.cores());
      steps.add(new Generation.Step(isPrefill, position, count, rows, slots, moved, nanos, kept));
      return row(result.outputs().get(output()), rows, count - 1);
    }

    // Keys and values go from the program that has them to the one that runs next.
    private long hand(Loaded next) {
      Loaded last = holder;
      holder = next;
      if (next.equals(last)) {
        return 0;
      }
      long bytes = 0;
      if (last != null) {
        last.model().saveStates(last.machine(), states);
        bytes = StateTransfer.bytes(last.model().levels().schedule().tiles());
      }
      next.model().loadStates(next.machine(), states);
      return bytes;
    }
  }

  /**
   * A run on its own.
   *
   * @param result what was done
   * @param nanos host time, compilation left out
   * @param memoryBytes bytes of weights and of keys and values kept
   */
  record Timed(CompiledModel.Result result, long nanos, long memoryBytes) {}

  /** Reads some tokens of a text as if others had been read before; their keys are zero. */
  Timed run(long[] text, int position, int rows, int slots) {
    Loaded program = program(rows, slots);
    long[] ids = Arrays.copyOfRange(text, position, position + rows);
    long start = System.nanoTime();
    CompiledModel.Result result =
        program.model().run(program.machine(), inputs(ids, position, rows, slots));
    return new Timed(
        result,
        System.nanoTime() - start,
        program.model().imageBytes()
            + StateTransfer.bytes(program.model().levels().schedule().tiles()));
  }

  // Of runs of one token, and of others, the last program stays.
  private Loaded program(int rows, int slots) {
    Loaded known = loaded.get(rows == 1);
    if (known == null || known.rows() != rows || known.slots() != slots) {
      CompiledModel compiled = compile(rows, slots);
      CoreMachine machine = CoreMachine.simulated(compiled.core(), host);
      compiled.load(machine);
      known = new Loaded(rows, slots, compiled, machine);
      loaded.put(rows == 1, known);
    }
    return known;
  }

  private float[] row(@Nullable NdTensor logits, int rows, int number) {
    return row(model.graph(), logits, rows, number);
  }

  /** Logits behind one of some tokens. */
  static float[] row(Graph graph, @Nullable NdTensor logits, int rows, int number) {
    if (logits == null
        || logits.type() != ElementType.FLOAT
        || logits.rank() != 3
        || logits.dim(0) != 1
        || logits.dim(1) != rows) {
      throw new GraphException(
          graph.name()
              + ": first output `"
              + graph.outputs().get(0)
              + "`: expected logits [1]["
              + rows
              + "][vocabulary], found "
              + logits);
    }
    int width = logits.dim(2);
    return Arrays.copyOfRange(logits.floats(), number * width, (number + 1) * width);
  }
}
