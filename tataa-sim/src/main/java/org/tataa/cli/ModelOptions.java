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
import org.tataa.compiler.Forwarding;
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
import org.tataa.pipeline.PackagedEncoder;
import org.tataa.pipeline.SentenceEncoder;
import org.tataa.pipeline.TextInputs;
import org.tataa.pipeline.TextTokenizer;
import org.tataa.pipeline.TrainedModels;
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
      description = "A text; may be repeated. Named encoders have six of their own.")
  private List<String> texts = new ArrayList<>();

  @Option(
      names = {"--text-file", "--texts"},
      paramLabel = "FILE",
      description = "A text file, a text per line.")
  private @Nullable Path textFile;

  @Option(
      names = "--input",
      paramLabel = "NAME=FILE.npy",
      description =
          "An input array, once per input of the model. If its first dimension is not that of the"
              + " model, it counts items.")
  private Map<String, Path> arrays = new LinkedHashMap<>();

  @Mixin private ImageOptions images = new ImageOptions();

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = "Tokenizer of the texts, a Hugging Face tokenizer.json.")
  private @Nullable Path tokenizer;

  @Option(
      names = "--artifact",
      paramLabel = "FILE.jar",
      description =
          "Maven artifact of a named encoder (default: looked for on the class path and in the local"
              + " Maven repository).")
  private @Nullable Path artifact;

  @Option(
      names = "--prefix",
      paramLabel = "TEXT",
      description =
          "What is put before every text (default: what a named encoder was trained with, else"
              + " nothing).")
  private @Nullable String prefix;

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
          "Texts to calibrate on, one per line (default: built-in ones for named encoders, else"
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
      names = "--activation-codes",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "int8 codes of each activation that products with weights read: 2 for about 15 bits, at"
              + " twice the products (default: ${DEFAULT-VALUE}).")
  private int activationCodes;

  @Option(
      names = "--bias-correction",
      description = "Biases take up what rounded weights make of the mean activations.")
  private boolean correctsBias;

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
          "Most items that share blocks of the array, as many short ones as fit one block or two"
              + " long ones whose ends do; off; or auto: if the batch takes fewer predicted cycles"
              + " (default: ${DEFAULT-VALUE}).")
  private String pack = "auto";

  @Option(
      names = "--forward-sums",
      paramLabel = "WHEN",
      defaultValue = "faster",
      description =
          "When sums go to vector slots on a machine with --result-path: where that is faster, or"
              + " always, wherever it can be done (default: ${DEFAULT-VALUE}).")
  private String forwarding = "faster";

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
   * @param images images of the items and the classes of the result, or null
   */
  record Work(
      String name,
      OnnxImporter.Model model,
      ModelSession session,
      List<Map<String, NdTensor>> items,
      List<String> texts,
      List<Map<String, NdTensor>> samples,
      ImageOptions.@Nullable Images images) {
    Subject subject() {
      return new Subject(name, model.graph().outputs(), texts, images);
    }
  }

  /**
   * What is told of a run, whichever way a model is run.
   *
   * @param name of the model
   * @param outputs names of its results
   * @param texts texts of the items, or empty
   * @param images images of the items, or null
   */
  record Subject(
      String name,
      List<String> outputs,
      List<String> texts,
      ImageOptions.@Nullable Images images) {}

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
    return PackagedEncoder.find(nameOrFile) != null
        || Workloads.contains(nameOrFile)
        || TrainedModels.contains(nameOrFile)
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
          quantization
              .withSplitDepth(splitDepth)
              .withActivationCodes(activationCodes)
              .withBiasCorrection(correctsBias),
          approximations,
          disabledPasses,
          isRangeScaled,
          Partitioning.parse(partition),
          PackLimit.parse(pack),
          Forwarding.parse(forwarding));
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
        new Subject(name, layers.graph().outputs(), List.of(), null),
        layers,
        compilerOptions(),
        workload.item(decoder.tokens()));
  }

  private void requireOwnInput(String workload) {
    if (!texts.isEmpty() || textFile != null || !arrays.isEmpty() || images.areGiven()) {
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
        whole.samples().stream().map(of::inputs).toList(),
        null);
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
      return new Work(nameOrFile, workload.model(), session, item, List.of(), item, null);
    }
    if (nameOrFile.equals(TrainedModels.TEXT)) {
      throw new InputException(nameOrFile + " continues texts: tataa generate " + nameOrFile);
    }
    ModelNames.check(nameOrFile);
    boolean isVision = nameOrFile.equals(TrainedModels.VISION) && arrays.isEmpty();
    if (isVision || images.areGiven()) {
      return openImages(nameOrFile, config);
    }
    PackagedEncoder encoder = PackagedEncoder.find(nameOrFile);
    if (encoder == null && artifact != null) {
      throw new InputException(
          "--artifact belongs to one of " + String.join(", ", PackagedEncoder.names()));
    }
    boolean isAsBuiltIn =
        PackagedEncoder.MINI_LM.equals(encoder)
            && calibrationTexts == null
            && arrays.isEmpty()
            && part == null
            && fixed == null
            && !isPooled
            && prefix == null;
    if (isAsBuiltIn && given == null && maxTokens >= BUILT_IN_TOKENS) {
      builtIn = HostThreads.begin(BuiltInCalibration::miniLm);
    }
    boolean hasTexts =
        !texts.isEmpty() || textFile != null || (encoder != null && arrays.isEmpty());
    // Meanwhile.
    Supplier<TextTokenizer> awaited =
        hasTexts && (encoder != null || tokenizer != null)
            ? HostThreads.begin(() -> openTokenizer(encoder))
            : () -> openTokenizer(encoder);
    OnnxImporter.Model source = encoder == null ? source(nameOrFile) : encoder.model(artifact);
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
        isPooled
            ? TextInputs.meanPooled(source, SentenceEncoder.EMBEDDING)
            : !hasTexts
                ? source
                : encoder == null ? TextInputs.firstOutput(source) : encoder.pooled(source);
    ModelSession session = new ModelSession(config, model, fixed(hasTexts), compilerOptions());
    if (!hasTexts) {
      List<Map<String, NdTensor>> items = ArrayInputs.items(model.graph(), arrays);
      return new Work(nameOrFile, model, session, items, List.of(), items, null);
    }
    if (tokenizer == null && encoder == null) {
      throw new InputException("texts for " + nameOrFile + " need --tokenizer tokenizer.json");
    }
    try (TextTokenizer tokens = awaited.get()) {
      List<String> lines = textLines(encoder);
      String before = prefix != null ? prefix : encoder == null ? "" : encoder.prefix();
      List<Map<String, NdTensor>> items = encode(model, tokens, before, lines);
      List<Map<String, NdTensor>> samples = items;
      if (calibrationTexts != null) {
        samples = encode(model, tokens, before, lines(calibrationTexts));
      } else if (encoder != null && given == null) {
        samples = encode(model, tokens, before, encoder.calibration());
      }
      return new Work(nameOrFile, model, session, items, lines, samples, null);
    }
  }

  private static OnnxImporter.Model source(String nameOrFile) {
    return TrainedModels.contains(nameOrFile)
        ? TrainedModels.model(nameOrFile)
        : SentenceEncoder.model(nameOrFile);
  }

  private Work openImages(String nameOrFile, TataaConfig config) {
    if (!texts.isEmpty() || textFile != null || !arrays.isEmpty()) {
      throw new InputException("images and texts or --input arrays cannot be combined");
    }
    OnnxImporter.Model model = TextInputs.firstOutput(source(nameOrFile));
    ImageOptions.Images open = images.open(nameOrFile, model.graph());
    ModelSession session = new ModelSession(config, model, fixed(false), compilerOptions());
    List<Map<String, NdTensor>> samples =
        nameOrFile.equals(TrainedModels.VISION) ? TrainedModels.images() : open.inputs();
    return new Work(nameOrFile, model, session, open.inputs(), List.of(), samples, open);
  }

  private TextTokenizer openTokenizer(@Nullable PackagedEncoder encoder) {
    if (tokenizer != null) {
      return TextTokenizer.read(tokenizer, maxTokens);
    }
    if (encoder == null) {
      throw new IllegalStateException("texts without a tokenizer");
    }
    return encoder.tokenizer(artifact, maxTokens);
  }

  private static List<Map<String, NdTensor>> encode(
      OnnxImporter.Model model, TextTokenizer tokenizer, String prefix, List<String> texts) {
    List<Map<String, NdTensor>> items = new ArrayList<>();
    for (String text : texts) {
      items.add(TextInputs.of(model.graph(), tokenizer.encode(prefix + text)));
    }
    return items;
  }

  private List<String> textLines(@Nullable PackagedEncoder encoder) {
    List<String> lines = new ArrayList<>(texts);
    if (textFile != null) {
      lines.addAll(lines(textFile));
    }
    return lines.isEmpty() && encoder != null ? encoder.example() : lines;
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
