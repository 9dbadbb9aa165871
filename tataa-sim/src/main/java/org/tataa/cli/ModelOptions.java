package org.tataa.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.PackLimit;
import org.tataa.compiler.Partitioning;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.BuiltInCalibration;
import org.tataa.pipeline.DecoderWorkload;
import org.tataa.pipeline.LayeredModel;
import org.tataa.pipeline.ModelPart;
import org.tataa.pipeline.ModelSession;
import org.tataa.pipeline.SentenceEncoder;
import org.tataa.pipeline.Sentences;
import org.tataa.pipeline.TextInputs;
import org.tataa.pipeline.TextTokenizer;
import org.tataa.pipeline.Workloads;
import org.tataa.quant.Calibration;
import org.tataa.quant.QuantizationOptions;
import org.tataa.quant.RangeObserver;
import org.tataa.sim.HostThreads;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say what a model is run on and how it is quantised, shared by several commands. */
final class ModelOptions {
  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = "A text; may be repeated. all-MiniLM-L6-v2 has six of its own.")
  private List<String> texts = new ArrayList<>();

  @Option(names = "--text-file", paramLabel = "FILE", description = "A text file, a text per line.")
  private @Nullable Path textFile;

  @Option(
      names = "--input",
      paramLabel = "NAME=FILE.npy",
      description =
          "An input array, once per input of the model. If its first dimension is not that of the"
              + " model, it counts items.")
  private Map<String, Path> arrays = new LinkedHashMap<>();

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = "Tokenizer of the texts, a Hugging Face tokenizer.json.")
  private @Nullable Path tokenizer;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      defaultValue = "128",
      description = "Longer texts are cut (default: ${DEFAULT-VALUE}).")
  private int maxTokens = 128;

  @Option(
      names = "--fixed",
      split = ",",
      paramLabel = "NAME",
      description =
          "Inputs that have the same values whenever they have the same shape; the compiler then"
              + " computes what depends on them (default: attention_mask, token_type_ids,"
              + " position_ids with texts).")
  private @Nullable Set<String> fixed;

  @Option(
      names = "--mean-pooled",
      description = "The result is the mean over the tokens of the model's first result.")
  private boolean isPooled;

  @Option(
      names = "--calibration",
      paramLabel = "FILE",
      description = "Ranges and scales from `tataa calibrate`.")
  private @Nullable Path calibration;

  @Option(
      names = "--calibration-text-file",
      paramLabel = "FILE",
      description =
          "Texts to calibrate on, one per line (default: built-in ones for all-MiniLM-L6-v2, else"
              + " what is run).")
  private @Nullable Path calibrationTexts;

  @Option(
      names = "--observer",
      description = "How ranges are chosen: ${COMPLETION-CANDIDATES} (default: MSE).")
  private @Nullable RangeObserver observer;

  @Option(
      names = "--per-tensor",
      description = "One scale for all output channels of a weight, not one per channel.")
  private boolean isPerTensor;

  @Option(
      names = "--migration",
      paramLabel = "SHARE",
      description =
          "Share 0..1 of the activations' range that moves into the weights (default: 0.7 after"
              + " normalisations, 0.8 elsewhere).")
  private @Nullable Double migration;

  @Option(
      names = "--split-depth",
      paramLabel = "K",
      description =
          "Cut products deeper than K and add their parts in bfloat16, for accumulator"
              + " PACKED_INT16 (default: whole products).")
  private int splitDepth;

  @Option(
      names = "--approximation",
      paramLabel = "FUNCTION=NAME",
      description =
          "Approximation of a function, or of a value as FUNCTION@VALUE; see `tataa functions`. The"
              + " exponential of attention is Softmax=parabola, cubic, floor or squared.")
  private Map<String, String> approximations = new LinkedHashMap<>();

  @Option(
      names = "--disable-pass",
      split = ",",
      paramLabel = "NAME",
      description = "Passes of the compiler to leave out; see `tataa compile --explain-passes`.")
  private Set<String> disabledPasses = Set.of();

  @Option(
      names = "--part",
      paramLabel = "MODULE",
      description =
          "Only a module of the model, by what its values' names begin with, as"
              + " /encoder/layer.0/attention/self; what it reads is computed in float32.")
  private @Nullable String part;

  @Option(
      names = "--partition",
      paramLabel = "CORES",
      defaultValue = "auto",
      description =
          "Cores an item is split over, off, or auto: as many as give the batch the least predicted"
              + " cycles; one if there are as many items as cores (default: ${DEFAULT-VALUE}).")
  private String partition = "auto";

  @Option(
      names = "--pack",
      paramLabel = "ITEMS",
      defaultValue = "auto",
      description =
          "Most short items that share the blocks of the array, off, or auto: as many as fit one"
              + " block if the batch takes fewer predicted cycles (default: ${DEFAULT-VALUE}).")
  private String pack = "auto";

  @Mixin private DecoderOptions decoder = new DecoderOptions();

  private boolean isRangeScaled = true;

  /** Tokens of a text that no text of the built-in calibration exceeds. */
  private static final int BUILT_IN_TOKENS = 128;

  /** The calibration that was given, being read since the model was opened. */
  private @Nullable Supplier<Calibration> given;

  /** The calibration that comes with the model, if it was made for what is run. */
  private @Nullable Supplier<Calibration> builtIn;

  /**
   * A model with what it is run on.
   *
   * @param name its name
   * @param model the model
   * @param session compiles and runs it
   * @param items inputs of each item
   * @param texts texts of the items, or empty
   * @param samples what to calibrate on
   */
  record Work(
      String name,
      OnnxImporter.Model model,
      ModelSession session,
      List<Map<String, NdTensor>> items,
      List<String> texts,
      List<Map<String, NdTensor>> samples) {
    Subject subject() {
      return new Subject(name, model.graph().outputs(), texts);
    }
  }

  /**
   * What is told of a run, whichever way a model is run.
   *
   * @param name of the model
   * @param outputs names of its results
   * @param texts texts of the items, or empty
   */
  record Subject(String name, List<String> outputs, List<String> texts) {}

  /**
   * A model that is run layer by layer.
   *
   * @param subject its name and results
   * @param model the model
   * @param options choices of the compiler
   * @param item inputs
   */
  record Layers(
      Subject subject, LayeredModel model, CompilerOptions options, Map<String, NdTensor> item) {}

  /** Whether an argument names a model rather than a program. */
  static boolean isModel(String nameOrFile) {
    return nameOrFile.equals(SentenceEncoder.MINI_LM)
        || Workloads.contains(nameOrFile)
        || nameOrFile.endsWith(".onnx");
  }

  /** Choices of the compiler. */
  CompilerOptions compilerOptions() {
    QuantizationOptions quantization = QuantizationOptions.DEFAULT;
    if (observer != null) {
      quantization = quantization.withObserver(observer);
    }
    if (isPerTensor) {
      quantization = quantization.withPerChannelWeights(false);
    }
    if (migration != null) {
      quantization = quantization.withMigration(migration, migration);
    }
    try {
      return new CompilerOptions(
          quantization.withSplitDepth(splitDepth),
          approximations,
          disabledPasses,
          isRangeScaled,
          Partitioning.parse(partition),
          PackLimit.parse(pack));
    } catch (IllegalArgumentException e) {
      throw new InputException(String.valueOf(e.getMessage()));
    }
  }

  /** What a command is for, unless an option says otherwise. */
  void preset(String module, String text, boolean rangeScaling) {
    part = part == null ? module : part;
    if (texts.isEmpty() && textFile == null && arrays.isEmpty()) {
      texts = List.of(text);
    }
    isRangeScaled = rangeScaling;
  }

  /** A model that must be run layer by layer; null for others. */
  @Nullable Layers openLayers(String name) {
    DecoderWorkload workload = decoder.of(name);
    if (workload == null || !decoder.isLayered(name)) {
      return null;
    }
    requireOwnInput(name);
    if (calibration != null || calibrationTexts != null || part != null) {
      throw new InputException(
          name
              + " is run layer by layer, each calibrated on what it runs: no --calibration,"
              + " --calibration-text-file or --part");
    }
    LayeredModel layers = workload.layered(false);
    workload.requireMemory(layers.memoryBytes(false), "layer by layer");
    return new Layers(
        new Subject(name, layers.graph().outputs(), List.of()),
        layers,
        compilerOptions(),
        workload.item(decoder.tokens()));
  }

  private void requireOwnInput(String workload) {
    if (!texts.isEmpty() || textFile != null || !arrays.isEmpty()) {
      throw new InputException("workload " + workload + " has an input of its own");
    }
  }

  /** Opens a model. */
  Work open(String nameOrFile, TataaConfig config) {
    Work work = openWhole(nameOrFile, config);
    return part == null ? work : part(work, part, config);
  }

  private Work part(Work whole, String module, TataaConfig config) {
    ModelPart of = ModelPart.of(whole.model(), module, whole.items().get(0));
    Set<String> constant = of.fixed(fixed(!whole.texts().isEmpty()));
    return new Work(
        whole.name() + " " + module,
        of.model(),
        new ModelSession(config, of.model(), constant, compilerOptions()),
        whole.items().stream().map(of::inputs).toList(),
        whole.texts(),
        whole.samples().stream().map(of::inputs).toList());
  }

  private Set<String> fixed(boolean hasTexts) {
    return fixed != null ? fixed : hasTexts ? TextInputs.FIXED : Set.of();
  }

  private Work openWhole(String nameOrFile, TataaConfig config) {
    if (calibration != null) {
      Path file = calibration;
      given = HostThreads.begin(() -> readCalibration(file));
    }
    DecoderWorkload decoding = decoder.of(nameOrFile);
    if (Workloads.contains(nameOrFile)) {
      requireOwnInput(nameOrFile);
      Workloads.Workload workload =
          decoding == null ? Workloads.of(nameOrFile) : Workloads.text(decoding, decoder.tokens());
      List<Map<String, NdTensor>> item = List.of(workload.inputs());
      ModelSession session =
          new ModelSession(config, workload.model(), Set.of(), compilerOptions());
      return new Work(nameOrFile, workload.model(), session, item, List.of(), item);
    }
    boolean isMiniLm = nameOrFile.equals(SentenceEncoder.MINI_LM);
    boolean isAsBuiltIn =
        isMiniLm && calibrationTexts == null && arrays.isEmpty() && part == null && fixed == null;
    if (isAsBuiltIn && given == null && maxTokens >= BUILT_IN_TOKENS) {
      builtIn = HostThreads.begin(BuiltInCalibration::miniLm);
    }
    boolean hasTexts = !texts.isEmpty() || textFile != null || (isMiniLm && arrays.isEmpty());
    // Meanwhile.
    Supplier<TextTokenizer> awaited =
        hasTexts && (isMiniLm || tokenizer != null)
            ? HostThreads.begin(this::openTokenizer)
            : this::openTokenizer;
    OnnxImporter.Model source = SentenceEncoder.model(nameOrFile);
    if (hasTexts && !arrays.isEmpty()) {
      throw new InputException("texts and --input arrays cannot be combined");
    }
    if (!hasTexts && arrays.isEmpty()) {
      throw new InputException(
          nameOrFile
              + " needs something to run on: --text, --text-file, or --input NAME=FILE.npy for "
              + source.graph().inputs());
    }
    OnnxImporter.Model model =
        isPooled || (isMiniLm && hasTexts)
            ? TextInputs.meanPooled(source, SentenceEncoder.EMBEDDING)
            : hasTexts ? TextInputs.firstOutput(source) : source;
    ModelSession session = new ModelSession(config, model, fixed(hasTexts), compilerOptions());
    if (!hasTexts) {
      List<Map<String, NdTensor>> items = ArrayInputs.items(model.graph(), arrays);
      return new Work(nameOrFile, model, session, items, List.of(), items);
    }
    if (tokenizer == null && !isMiniLm) {
      throw new InputException("texts for " + nameOrFile + " need --tokenizer tokenizer.json");
    }
    try (TextTokenizer tokens = awaited.get()) {
      List<String> lines = textLines();
      List<Map<String, NdTensor>> items = encode(model, tokens, lines);
      List<Map<String, NdTensor>> samples = items;
      if (calibrationTexts != null) {
        samples = encode(model, tokens, lines(calibrationTexts));
      } else if (isMiniLm && given == null) {
        samples = encode(model, tokens, Sentences.calibration());
      }
      return new Work(nameOrFile, model, session, items, lines, samples);
    }
  }

  private TextTokenizer openTokenizer() {
    return tokenizer == null
        ? TextTokenizer.miniLm(maxTokens)
        : TextTokenizer.read(tokenizer, maxTokens);
  }

  private static List<Map<String, NdTensor>> encode(
      OnnxImporter.Model model, TextTokenizer tokenizer, List<String> texts) {
    List<Map<String, NdTensor>> items = new ArrayList<>();
    for (String text : texts) {
      items.add(TextInputs.of(model.graph(), tokenizer.encode(text)));
    }
    return items;
  }

  private List<String> textLines() {
    List<String> lines = new ArrayList<>(texts);
    if (textFile != null) {
      lines.addAll(lines(textFile));
    }
    return lines.isEmpty() ? Sentences.example() : lines;
  }

  private static List<String> lines(Path file) {
    List<String> lines =
        FileAccess.readText(file).lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
    if (lines.isEmpty()) {
      throw new InputException(file + ": no text, expected one per line");
    }
    return lines;
  }

  /** Uses the calibration that was given, else the built-in one if it fits, else calibrates. */
  void prepare(Work work, PrintWriter err) {
    Calibration known = builtIn == null ? null : builtIn.get();
    if (known != null && work.session().isCoveredBy(known, work.items().get(0))) {
      work.session().use(known);
    } else {
      calibrate(work, err);
    }
  }

  /** Uses the calibration that was given, or calibrates. */
  Calibration calibrate(Work work, PrintWriter err) {
    if (given != null) {
      Calibration read = given.get();
      work.session().use(read);
      return read;
    }
    try (Progress progress = new Progress(err, "calibrating")) {
      return work.session().calibrate(work.samples(), progress);
    }
  }

  private static Calibration readCalibration(Path file) {
    try {
      return Calibration.read(file);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e);
    }
  }
}
