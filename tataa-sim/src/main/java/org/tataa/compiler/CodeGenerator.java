package org.tataa.compiler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tataa.config.IsaProfile;
import org.tataa.config.MemoryConfig;
import org.tataa.config.TataaConfig;
import org.tataa.function.FunctionLibrary;
import org.tataa.function.LaneProgram;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;
import org.tataa.kernel.BlockForm;
import org.tataa.kernel.BlockStream;
import org.tataa.kernel.LanePass;
import org.tataa.kernel.NormEmitter;
import org.tataa.kernel.Scale;
import org.tataa.kernel.SoftmaxEmitter;

/** Places data in memory and writes the instructions of every step. */
final class CodeGenerator {
  private static final int WORD = BlockForm.SIZE;
  private static final int VECTOR = BlockForm.BYTES / BlockForm.VECTORS;

  /** Zeros written in front of the context blocks by their descending stores. */
  private static final int FRONT = BlockForm.BYTES / 2;

  private final TataaConfig config;
  private final CompilerOptions options;
  private final Plan plan;
  private final Quantization quantization;
  private final Memory memory = new Memory();
  private final Map<Object, Long> addresses = new HashMap<>();
  private final List<CompiledModel.Image> image = new ArrayList<>();
  private final Map<Object, Long> constants = new HashMap<>();
  private final Map<Attention, AttentionMasks> masks = new LinkedHashMap<>();
  private final List<CompiledStep> compiled = new ArrayList<>();
  private final Set<Object> constantBuffers = new HashSet<>();
  private long top;

  CodeGenerator(TataaConfig config, CompilerOptions options, Plan plan, Quantization quantization) {
    this.config = config;
    this.options = options;
    this.plan = plan;
    this.quantization = quantization;
  }

  /**
   * Generates the code.
   *
   * @throws IllegalArgumentException if the model needs more memory than can be addressed
   */
  CompiledModel generate() {
    allocate();
    top = memory.top();
    for (Step step : plan.steps) {
      emit(step);
    }
    long bytes = (top + (1 << 16)) / (1 << 16) * (1 << 16);
    if (bytes > Integer.MAX_VALUE - (1 << 17)) {
      throw new IllegalArgumentException(
          plan.graph.name() + " needs " + bytes + " bytes of memory per core, at most 2 GiB");
    }
    MemoryConfig wide =
        new MemoryConfig(
            0,
            (int) bytes,
            0,
            (int) bytes,
            config.memory().portBytes(),
            config.memory().latencyCycles(),
            config.memory().beatInterval(),
            config.memory().queueDepth(),
            config.memory().sharedYzPort());
    Map<String, Long> symbols = new TreeMap<>();
    addresses.forEach((owner, address) -> symbols.put(owner.toString(), address));
    constants.forEach((owner, address) -> symbols.put("constant " + owner, address));
    return new CompiledModel(
        config,
        config.withMemory(wide).withCores(1),
        plan,
        compiled,
        image,
        addresses,
        masks,
        symbols);
  }

  // --- memory ---

  private record Form(Matrix matrix, BlockForm form) {
    @Override
    public String toString() {
      return matrix + " " + form;
    }
  }

  private record Scores(Attention attention) {
    @Override
    public String toString() {
      return attention.name + "/scores";
    }
  }

  private record Probabilities(Attention attention) {
    @Override
    public String toString() {
      return attention.name + "/weights int8";
    }
  }

  /** Products of weights and values, before the division by the sum of the weights. */
  private record WeightedSums(Attention attention) {
    @Override
    public String toString() {
      return attention.name + "/weighted sums";
    }
  }

  /** Sums of the weights, one block of equal features per token block and head. */
  private record WeightSums(Attention attention) {
    @Override
    public String toString() {
      return attention.name + "/sums of weights";
    }
  }

  private record Statistic(Step.Statistics step, boolean isMean) {
    @Override
    public String toString() {
      return step.name + (isMean ? "/mean" : "/inverse deviation");
    }
  }

  private record Scratch(Step step) {
    @Override
    public String toString() {
      return step + "/scratch";
    }
  }

  private static Object key(Matrix matrix, BlockForm form) {
    return new Form(matrix, matrix.form == null ? form : matrix.form);
  }

  // Buffers live from the step that writes them to the last one that reads them.
  private void allocate() {
    List<Set<Object>> reads = new ArrayList<>();
    Map<Object, Integer> last = new HashMap<>();
    for (int i = 0; i < plan.steps.size(); i++) {
      Set<Object> read = reads(plan.steps.get(i));
      reads.add(read);
      for (Object buffer : read) {
        last.put(buffer, i);
      }
    }
    Set<Object> kept = new HashSet<>();
    for (Plan.Stored stored : plan.stored.values()) {
      if (stored.matrix().form != null) {
        kept.add(key(stored.matrix(), stored.matrix().form));
      }
    }
    // Constants are there before the first step and stay.
    for (Step step : plan.steps) {
      if (isConstant(step)) {
        Map<Object, Long> written = writes(step);
        written.forEach((buffer, bytes) -> addresses.put(buffer, memory.take(buffer, bytes)));
        constantBuffers.addAll(written.keySet());
      }
    }
    for (int i = 0; i < plan.steps.size(); i++) {
      Step step = plan.steps.get(i);
      if (isConstant(step)) {
        continue;
      }
      Map<Object, Long> written = writes(step);
      written.forEach(
          (buffer, bytes) -> addresses.put(buffer, memory.take(buffer, bytes) + front(buffer)));
      int number = i;
      Set<Object> ended = new HashSet<>(reads.get(i));
      ended.addAll(written.keySet());
      for (Object buffer : ended) {
        boolean isOver = last.getOrDefault(buffer, -1) <= number;
        if (isOver && !kept.contains(buffer) && !constantBuffers.contains(buffer)) {
          memory.release(buffer);
        }
      }
    }
  }

  private static boolean isConstant(Step step) {
    return step instanceof Step.Place place && place.constant != null;
  }

  private Set<Object> reads(Step step) {
    Set<Object> read = new HashSet<>();
    if (step instanceof Step.Lanes lanes) {
      sources(lanes.sources, lanes.form, read);
    } else if (step instanceof Step.Quantise quantise) {
      sources(quantise.sources, quantise.form, read);
    } else if (step instanceof Step.Linear linear) {
      read.add(linear.input);
    } else if (step instanceof Step.Transpose transpose) {
      read.add(transpose.input);
    } else if (step instanceof Step.Statistics statistics) {
      read.add(key(statistics.input, BlockForm.FEATURES_EXCHANGED));
    } else if (step instanceof Step.Softmax softmax) {
      read.add(key(softmax.input, BlockForm.FEATURES));
    } else if (step instanceof Step.Pool pool) {
      read.add(pool.input);
    } else if (step instanceof Step.Attend attend) {
      read.add(Objects.requireNonNull(attend.attention.query));
      read.add(Objects.requireNonNull(attend.attention.key));
      read.add(Objects.requireNonNull(attend.attention.value));
    }
    return read;
  }

  private static void sources(List<Source> sources, BlockForm form, Set<Object> read) {
    for (Source source : sources) {
      if (source instanceof Matrix matrix) {
        read.add(key(matrix, form));
      } else if (source instanceof Source.Statistic statistic) {
        read.add(new Statistic(statistic.step(), statistic.isMean()));
      }
    }
  }

  private Map<Object, Long> writes(Step step) {
    Map<Object, Long> written = new LinkedHashMap<>();
    if (step instanceof Step.Place place) {
      host(place.result, written);
    } else if (step instanceof Step.Rearrange rearrange) {
      host(rearrange.result, written);
    } else if (step instanceof Step.Linear linear) {
      matrix(linear.result, written);
    } else if (step instanceof Step.Lanes lanes) {
      matrix(lanes.result, written);
    } else if (step instanceof Step.Quantise quantise) {
      written.put(quantise.result, quantise.result.bytes());
    } else if (step instanceof Step.Transpose transpose) {
      written.put(transpose.result, transpose.result.bytes());
    } else if (step instanceof Step.Statistics statistics) {
      long bytes = (long) statistics.input.tokenBlocks() * 2 * VECTOR;
      written.put(new Statistic(statistics, false), bytes);
      if (statistics.isCentred) {
        written.put(new Statistic(statistics, true), bytes);
      }
      written.put(new Scratch(step), 2L * VECTOR);
    } else if (step instanceof Step.Softmax softmax) {
      matrix(softmax.result, written);
      written.put(
          new Scratch(step),
          ((long) softmax.input.featureBlocks() + 1) * BlockForm.VECTORS * VECTOR);
    } else if (step instanceof Step.Pool pool) {
      matrix(pool.result, written);
    } else if (step instanceof Step.Attend attend) {
      Attention attention = attend.attention;
      long pairs = (long) attention.groups * attention.heads * Matrix.blocks(attention.queries);
      long keyBlocks = Matrix.blocks(attention.keys);
      matrix(attention.result, written);
      written.put(new WeightedSums(attention), attention.result.bytes() + FRONT);
      written.put(new WeightSums(attention), pairs * BlockForm.BYTES + FRONT);
      written.put(new Scores(attention), pairs * keyBlocks * BlockForm.BYTES);
      written.put(new Probabilities(attention), pairs * 2 * keyBlocks * WORD * WORD);
      written.put(new Scratch(step), (keyBlocks * BlockForm.VECTORS + BlockForm.VECTORS) * VECTOR);
    }
    return written;
  }

  private static void matrix(Matrix matrix, Map<Object, Long> written) {
    written.put(new Form(matrix, Objects.requireNonNull(matrix.form)), matrix.bytes());
  }

  private static void host(Matrix matrix, Map<Object, Long> written) {
    for (BlockForm form : matrix.hostForms) {
      written.put(new Form(matrix, form), matrix.bytes());
    }
  }

  private long address(Object key) {
    Long address = addresses.get(key);
    if (address == null) {
      throw new IllegalStateException("nothing was placed for " + key);
    }
    return address;
  }

  private long address(Matrix matrix, BlockForm form) {
    return address(key(matrix, form));
  }

  private static long front(Object buffer) {
    return buffer instanceof WeightedSums || buffer instanceof WeightSums ? FRONT : 0;
  }

  private long constant(Object key, java.util.function.Supplier<byte[]> bytes) {
    Long known = constants.get(key);
    if (known == null) {
      byte[] data = bytes.get();
      known = top;
      top += (data.length + 255) / 256 * 256L;
      image.add(new CompiledModel.Image(known, data));
      constants.put(key, known);
    }
    return known;
  }

  // --- instructions ---

  private void add(
      Step step, Step.Kind kind, ProgramBuilder program, long macs, long bound, String tiling) {
    Program built = program.halt().build();
    compiled.add(new CompiledStep(step, kind, built, macs, bound, tiling));
  }

  private void emit(Step step) {
    if (step instanceof Step.Place || step instanceof Step.Rearrange) {
      compiled.add(new CompiledStep(step, Step.Kind.HOST, null, 0, 0, "host"));
      return;
    }
    ProgramBuilder program = new ProgramBuilder();
    if (step instanceof Step.Linear linear) {
      linear(linear, program);
    } else if (step instanceof Step.Lanes lanes) {
      long target = address(lanes.result, Objects.requireNonNull(lanes.result.form));
      pass(
          lanes.program,
          lanes.sources,
          lanes.form,
          lanes.result.tokenBlocks(),
          lanes.result.featureBlocks(),
          new LanePass.Blocks(target),
          program);
      add(
          step,
          step.kind,
          program,
          0,
          0,
          blocks(
              lanes.result.tokenBlocks(),
              lanes.result.featureBlocks(),
              lanes.program.operations()));
    } else if (step instanceof Step.Quantise quantise) {
      Codes codes = quantise.result;
      LanePass.Target target =
          codes.arrangement == Codes.Arrangement.PLACES
              ? new LanePass.Words(address(codes), codes.stride())
              : new LanePass.Rows(address(codes));
      pass(
          quantise.program,
          quantise.sources,
          quantise.form,
          codes.tokenBlocks(),
          codes.placeBlocks(),
          target,
          program);
      add(
          step,
          step.kind,
          program,
          0,
          0,
          blocks(codes.tokenBlocks(), codes.placeBlocks(), quantise.program.operations()));
    } else if (step instanceof Step.Transpose transpose) {
      transpose(transpose, program);
    } else if (step instanceof Step.Statistics statistics) {
      statistics(statistics, program);
    } else if (step instanceof Step.Softmax softmax) {
      softmax(softmax, program);
    } else if (step instanceof Step.Pool pool) {
      pool(pool, program);
    } else if (step instanceof Step.Attend attend) {
      attend(attend);
    }
  }

  private static String blocks(int tokenBlocks, int featureBlocks, int operations) {
    return tokenBlocks + " x " + featureBlocks + " blocks, " + operations + " operations";
  }

  private void pass(
      LaneProgram lanes,
      List<Source> sources,
      BlockForm form,
      int tokenBlocks,
      int featureBlocks,
      LanePass.Target target,
      ProgramBuilder program) {
    List<LanePass.Operand> operands = new ArrayList<>();
    for (Source source : sources) {
      if (source instanceof Matrix matrix) {
        operands.add(new LanePass.Operand(LanePass.Kind.MATRIX, address(matrix, form)));
      } else if (source instanceof Source.Row row) {
        long address =
            constant(
                List.of(row, form),
                () -> Hosts.featureVectors(form, row.values.apply(quantization)));
        operands.add(new LanePass.Operand(LanePass.Kind.FEATURE, address));
      } else if (source instanceof Source.Statistic statistic) {
        long address = address(new Statistic(statistic.step(), statistic.isMean()));
        operands.add(new LanePass.Operand(LanePass.Kind.TOKEN, address));
      }
    }
    new LanePass(config, program).emit(lanes, form, operands, tokenBlocks, featureBlocks, target);
  }

  // Cycles of a block's products; one that is not drained yet is done four cycles sooner.
  private long period(int depth) {
    int part = BlockStream.partDepth(config, depth);
    int parts = (depth + part - 1) / part;
    return depth + 60L * parts + 4;
  }

  private void linear(Step.Linear step, ProgramBuilder program) {
    Codes input = step.input;
    Matrix result = step.result;
    boolean featureMajor = Objects.requireNonNull(result.form).isFeatureMajor();
    Weights.Quantised weights = step.weights.quantise(quantization);
    int blocks = result.featureBlocks();
    int depth = step.depth;
    long skipped = (long) step.from * WORD;
    long words = constant(step.weights, weights::words);
    long target = address(result, result.form);
    BlockStream stream = new BlockStream(config, program);
    for (int block = 0; block < blocks; block++) {
      long weight = words + (long) block * input.places * WORD + skipped;
      for (int tokenBlock = 0; tokenBlock < input.tokenBlocks(); tokenBlock++) {
        long codes = address(input) + tokenBlock * input.stride() + skipped;
        stream.add(
            new BlockStream.Block(
                featureMajor ? weight : codes,
                featureMajor ? codes : weight,
                depth,
                StoreMode.ACC_TO_BF16,
                false,
                Scale.ONE,
                target + ((long) tokenBlock * blocks + block) * BlockForm.BYTES));
      }
    }
    stream.emit();
    long macs = (long) result.groups * result.tokens * depth * result.places;
    add(
        step,
        step.kind,
        program,
        macs,
        (long) blocks * input.tokenBlocks() * period(depth),
        input.tokenBlocks()
            + " x "
            + blocks
            + " blocks, K="
            + depth
            + (featureMajor ? ", X=weights Y=activations" : ", X=activations Y=weights"));
  }

  private void transpose(Step.Transpose step, ProgramBuilder program) {
    Codes input = step.input;
    Codes result = step.result;
    long identity = identity();
    BlockStream stream = new BlockStream(config, program);
    for (int tokenBlock = 0; tokenBlock < input.tokenBlocks(); tokenBlock++) {
      for (int block = 0; block < input.placeBlocks(); block++) {
        stream.add(
            new BlockStream.Block(
                address(input) + ((long) block * input.tokenBlocks() + tokenBlock) * WORD * WORD,
                identity,
                WORD,
                StoreMode.ACC_TO_INT8,
                false,
                Scale.ONE,
                address(result) + tokenBlock * result.stride() + (long) block * WORD * WORD));
      }
    }
    stream.emit();
    add(
        step,
        step.kind,
        program,
        0,
        (long) input.tokenBlocks() * input.placeBlocks() * period(WORD),
        input.tokenBlocks() + " x " + input.placeBlocks() + " blocks, product with the identity");
  }

  private long identity() {
    return constant(
        "identity",
        () -> {
          byte[] words = new byte[WORD * WORD];
          for (int i = 0; i < WORD; i++) {
            words[i * WORD + i] = 1;
          }
          return words;
        });
  }

  // A block of ones for the features below a count, zeros for the padding.
  private long featureMask(BlockForm form, int features) {
    int rest = features % BlockForm.SIZE;
    if (rest == 0) {
      return -1;
    }
    return constant(
        List.of("mask", form, rest),
        () -> {
          int[] patterns = new int[BlockForm.BYTES / 2];
          for (int i = 0; i < patterns.length; i++) {
            patterns[i] = form.feature(i) < rest ? org.tataa.numeric.Bfloat16.ONE : 0;
          }
          return org.tataa.kernel.Layouts.bf16Bytes(patterns);
        });
  }

  private void statistics(Step.Statistics step, ProgramBuilder program) {
    Matrix input = step.input;
    BlockForm form = input.form == null ? BlockForm.FEATURES_EXCHANGED : input.form;
    new NormEmitter(config, program)
        .emit(
            new NormEmitter.Plan(
                form,
                address(input, form),
                input.tokenBlocks(),
                step.features,
                featureMask(form, step.features),
                step.isCentred ? address(new Statistic(step, true)) : -1,
                address(new Statistic(step, false)),
                address(new Scratch(step)),
                step.epsilon));
    add(
        step,
        step.kind,
        program,
        0,
        0,
        input.tokenBlocks() + " token blocks, " + step.features + " features");
  }

  private void softmax(Step.Softmax step, ProgramBuilder program) {
    Matrix input = step.input;
    SoftmaxEmitter emitter = new SoftmaxEmitter(config, program, false);
    emitter.constants();
    int blocks = input.featureBlocks();
    long scratch = address(new Scratch(step));
    long mask = featureMask(BlockForm.FEATURES, step.features);
    for (int block = 0; block < input.tokenBlocks(); block++) {
      long offset = (long) block * blocks * BlockForm.BYTES;
      emitter.emit(
          new SoftmaxEmitter.Plan(
              blocks * BlockForm.VECTORS,
              4,
              address(input, BlockForm.FEATURES) + offset,
              false,
              mask,
              blocks - 1,
              scratch + (long) BlockForm.VECTORS * VECTOR,
              scratch,
              address(step.result, BlockForm.FEATURES) + offset,
              -1),
          SoftmaxEmitter.Output.BF16);
    }
    add(
        step,
        step.kind,
        program,
        0,
        0,
        input.tokenBlocks() + " token blocks, " + step.features + " features");
  }

  private void pool(Step.Pool step, ProgramBuilder program) {
    Codes input = step.input;
    int depth = input.tokenBlocks() * WORD;
    long ones =
        constant(
            List.of("pool", input.groups, input.tokens),
            () -> {
              byte[] words = new byte[depth * WORD];
              for (int group = 0; group < input.groups; group++) {
                for (int token = 0; token < input.tokens; token++) {
                  int row = group * input.blocksPerGroup() * WORD + token;
                  words[row * WORD + group] = 1;
                }
              }
              return words;
            });
    BlockStream stream = new BlockStream(config, program);
    for (int block = 0; block < input.placeBlocks(); block++) {
      stream.add(
          new BlockStream.Block(
              address(input) + (long) block * depth * WORD,
              ones,
              depth,
              StoreMode.ACC_TO_BF16,
              false,
              Scale.ONE,
              address(step.result, BlockForm.FEATURES) + (long) block * BlockForm.BYTES));
    }
    stream.emit();
    add(
        step,
        step.kind,
        program,
        (long) input.groups * input.tokens * input.places,
        (long) input.placeBlocks() * period(depth),
        input.placeBlocks() + " blocks, K=" + depth);
  }

  // --- attention ---

  private void attend(Step.Attend step) {
    Attention attention = step.attention;
    AttentionMasks mask = AttentionMasks.of(attention, plan);
    masks.put(attention, mask);
    mask.place(
        data -> {
          long address = top;
          top += (data.length + 255) / 256 * 256L;
          image.add(new CompiledModel.Image(address, data));
          return address;
        });
    ProgramBuilder scores = new ProgramBuilder();
    long bound = scores(attention, mask, scores);
    long pairs = (long) attention.groups * attention.heads * attention.queries * attention.keys;
    add(
        step,
        Step.Kind.SCORES,
        scores,
        pairs * attention.depth,
        bound,
        tiling(attention, attention.depth));
    ProgramBuilder softmax = new ProgramBuilder();
    softmax(step, attention, mask, softmax);
    add(step, Step.Kind.SOFTMAX, softmax, 0, 0, tiling(attention, attention.keys));
    ProgramBuilder context = new ProgramBuilder();
    bound = context(attention, mask, context);
    add(
        step,
        Step.Kind.CONTEXT,
        context,
        pairs * attention.width,
        bound,
        tiling(attention, attention.keys));
    ProgramBuilder mean = new ProgramBuilder();
    divide(attention, mean);
    add(step, Step.Kind.SOFTMAX, mean, 0, 0, "division by the sums of the weights");
  }

  private static String tiling(Attention attention, int depth) {
    return attention.groups
        + " x "
        + attention.heads
        + " heads, "
        + attention.queries
        + " queries, "
        + attention.keys
        + " keys, K="
        + depth;
  }

  private int queryBlocks(Attention attention) {
    return Matrix.blocks(attention.queries);
  }

  private int keyBlocks(Attention attention) {
    return Matrix.blocks(attention.keys);
  }

  private long pair(Attention attention, int group, int head, int block) {
    return ((long) group * attention.heads + head) * queryBlocks(attention) + block;
  }

  private long scores(Attention attention, AttentionMasks mask, ProgramBuilder program) {
    Codes query = Objects.requireNonNull(attention.query);
    Codes key = Objects.requireNonNull(attention.key);
    BlockStream stream = new BlockStream(config, program);
    long bound = 0;
    for (int group = 0; group < attention.groups; group++) {
      for (int head = 0; head < attention.heads; head++) {
        Scale scale = Scale.of(attention.scoreScale(quantization, head));
        for (int queryBlock = 0; queryBlock < queryBlocks(attention); queryBlock++) {
          long y =
              address(query)
                  + ((long) group * queryBlocks(attention) + queryBlock) * query.stride()
                  + (long) head * attention.depthPlaces() * WORD;
          long target =
              address(new Scores(attention))
                  + pair(attention, group, head, queryBlock)
                      * keyBlocks(attention)
                      * BlockForm.BYTES;
          int used = mask.keyBlocks(group, head, queryBlock);
          for (int keyBlock = 0; keyBlock < used; keyBlock++) {
            long x =
                address(key)
                    + ((long) group * keyBlocks(attention) + keyBlock) * key.stride()
                    + (long) attention.keyHead[head] * attention.depthPlaces() * WORD;
            stream.add(
                new BlockStream.Block(
                    x,
                    y,
                    attention.depth,
                    StoreMode.ACC_TO_BF16,
                    false,
                    scale,
                    target + (long) keyBlock * BlockForm.BYTES));
            bound += period(attention.depth);
          }
        }
      }
    }
    stream.emit();
    return bound;
  }

  private void softmax(
      Step.Attend step, Attention attention, AttentionMasks mask, ProgramBuilder program) {
    addBias(attention, mask, program);
    boolean isPublished = config.profiles().isa() == IsaProfile.PUBLISHED;
    String exponential = options.approximation("Softmax", attention.name);
    SoftmaxEmitter.Exponential kind =
        switch (exponential.isEmpty() ? (isPublished ? "squared" : "cubic") : exponential) {
          case "cubic" -> SoftmaxEmitter.Exponential.CUBIC;
          case "floor" -> SoftmaxEmitter.Exponential.FLOOR;
          case "squared" -> SoftmaxEmitter.Exponential.SQUARED;
          default ->
              throw new IllegalArgumentException(
                  "Softmax has no approximation `"
                      + exponential
                      + "`, expected cubic, floor or squared");
        };
    long scratch = address(new Scratch(step));
    for (int group = 0; group < attention.groups; group++) {
      for (int head = 0; head < attention.heads; head++) {
        double range = attention.scoreRange(quantization, head);
        SoftmaxEmitter emitter = new SoftmaxEmitter(config, program, true, kind, range);
        if (kind == SoftmaxEmitter.Exponential.SQUARED || group + head == 0) {
          emitter.constants();
        }
        for (int queryBlock = 0; queryBlock < queryBlocks(attention); queryBlock++) {
          long pair = pair(attention, group, head, queryBlock);
          int used = mask.keyBlocks(group, head, queryBlock);
          AttentionMasks.Tile tile = mask.tile(group, head, queryBlock);
          SoftmaxEmitter.Plan at =
              new SoftmaxEmitter.Plan(
                  used * BlockForm.VECTORS,
                  4,
                  address(new Scores(attention)) + pair * keyBlocks(attention) * BlockForm.BYTES,
                  true,
                  tile.address(),
                  tile.from(),
                  scratch + (long) BlockForm.VECTORS * VECTOR,
                  scratch,
                  probabilities(attention, pair, 0),
                  probabilities(attention, pair, 1));
          if (kind == SoftmaxEmitter.Exponential.SQUARED) {
            emitter.emit(at, SoftmaxEmitter.Output.INT8_HALVES);
          } else {
            emitter.emitWeights(at, attention.weightLimit(quantization));
          }
        }
      }
    }
  }

  // Two passes, so that the blocks come back in the form they had.
  private void addBias(Attention attention, AttentionMasks mask, ProgramBuilder program) {
    if (!mask.hasBias()) {
      return;
    }
    LaneProgram.Builder sum = LaneProgram.builder("bias", 2);
    LaneProgram.Builder same = LaneProgram.builder("copy", 1);
    long size = (long) keyBlocks(attention) * BlockForm.BYTES;
    for (int group = 0; group < attention.groups; group++) {
      for (int head = 0; head < attention.heads; head++) {
        for (int queryBlock = 0; queryBlock < queryBlocks(attention); queryBlock++) {
          long scores =
              address(new Scores(attention)) + pair(attention, group, head, queryBlock) * size;
          int used = mask.keyBlocks(group, head, queryBlock);
          LanePass pass = new LanePass(config, program);
          pass.emit(
              sum.build(sum.add(sum.input(0), sum.input(1))),
              BlockForm.FEATURES,
              List.of(
                  new LanePass.Operand(LanePass.Kind.MATRIX, scores),
                  new LanePass.Operand(LanePass.Kind.MATRIX, mask.bias(group, head, queryBlock))),
              1,
              used,
              new LanePass.Blocks(scores));
          pass.emit(
              same.build(same.input(0)),
              BlockForm.FEATURES_EXCHANGED,
              List.of(new LanePass.Operand(LanePass.Kind.MATRIX, scores)),
              1,
              used,
              new LanePass.Blocks(scores));
        }
      }
    }
  }

  private long probabilities(Attention attention, long pair, int half) {
    return address(new Probabilities(attention))
        + (2 * pair + half) * keyBlocks(attention) * WORD * WORD;
  }

  // Blocks in descending order: a block of 16 queries is stored with 16 rows of zeros before it,
  // which the next store overwrites.
  private long context(Attention attention, AttentionMasks mask, ProgramBuilder program) {
    Codes value = Objects.requireNonNull(attention.value);
    Matrix result = attention.result;
    long base = address(new WeightedSums(attention));
    long ones = ones(attention.keys);
    int chunks = attention.widthPlaces() / WORD;
    BlockStream stream = new BlockStream(config, program);
    long bound = 0;
    for (int group = attention.groups - 1; group >= 0; group--) {
      for (int queryBlock = queryBlocks(attention) - 1; queryBlock >= 0; queryBlock--) {
        long tokenBlock = (long) group * queryBlocks(attention) + queryBlock;
        for (int head = attention.heads - 1; head >= 0; head--) {
          long pair = pair(attention, group, head, queryBlock);
          int used = mask.keyBlocks(group, head, queryBlock);
          int depth = Math.min(attention.keys, used * WORD);
          for (int chunk = chunks - 1; chunk >= 0; chunk--) {
            long block = tokenBlock * result.featureBlocks() + (long) head * chunks + chunk;
            long y =
                address(value)
                    + (((long) attention.valueHead[head] * chunks + chunk) * value.tokenBlocks()
                            + (long) group * keyBlocks(attention))
                        * WORD
                        * WORD;
            for (int half = 0; half < 2; half++) {
              stream.add(
                  new BlockStream.Block(
                      probabilities(attention, pair, half),
                      y,
                      depth,
                      StoreMode.ACC_TO_BF16,
                      false,
                      Scale.ONE,
                      base + block * BlockForm.BYTES - (long) half * FRONT));
              bound += period(depth);
            }
          }
          for (int half = 0; half < 2; half++) {
            stream.add(
                new BlockStream.Block(
                    probabilities(attention, pair, half),
                    ones,
                    depth,
                    StoreMode.ACC_TO_BF16,
                    false,
                    Scale.ONE,
                    address(new WeightSums(attention))
                        + (tokenBlock * attention.heads + head) * BlockForm.BYTES
                        - (long) half * FRONT));
          }
        }
      }
    }
    stream.emit();
    return bound;
  }

  // Words of ones: a product with them sums over the depth, the same for every column.
  private long ones(int depth) {
    return constant(
        List.of("ones", depth),
        () -> {
          byte[] words = new byte[depth * WORD];
          Arrays.fill(words, (byte) 1);
          return words;
        });
  }

  private void divide(Attention attention, ProgramBuilder program) {
    LaneProgram.Builder quotient = LaneProgram.builder("division", 2);
    LaneProgram reciprocal =
        FunctionLibrary.find("Reciprocal", config.profiles().isa(), "newton").program();
    LaneProgram division =
        quotient.build(
            quotient.mul(quotient.input(0), quotient.apply(reciprocal, quotient.input(1))));
    Matrix result = attention.result;
    new LanePass(config, program)
        .emit(
            division,
            BlockForm.TOKENS,
            List.of(
                new LanePass.Operand(LanePass.Kind.MATRIX, address(new WeightedSums(attention))),
                new LanePass.Operand(
                    LanePass.Kind.MATRIX,
                    address(new WeightSums(attention)),
                    attention.widthPlaces() / BlockForm.SIZE)),
            result.tokenBlocks(),
            result.featureBlocks(),
            new LanePass.Blocks(address(result, BlockForm.TOKENS_EXCHANGED)));
  }

  /** The address table of a matrix's forms, for the host. */
  static @Nullable Long find(Map<Object, Long> addresses, Matrix matrix, BlockForm form) {
    return addresses.get(new Form(matrix, form));
  }
}
