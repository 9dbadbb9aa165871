package org.tataa.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.Partitioning;
import org.tataa.config.TataaConfig;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.DecoderSession;
import org.tataa.pipeline.DecoderWorkload;
import org.tataa.pipeline.Generation;
import org.tataa.pipeline.GenerationSizes;
import org.tataa.pipeline.LayeredDecoder;
import org.tataa.pipeline.TextTokenizer;
import org.tataa.pipeline.TokenChoice;
import org.tataa.pipeline.TrainedModels;
import org.tataa.pipeline.Workloads;
import org.tataa.quant.Calibration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes text with a decoder. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    description = {
      "Make tokens with a decoder. If its file has past keys and values as inputs they stay on the",
      "device: the prompt is read once, then a run for every token. Else every run reads all text."
    })
final class GenerateCommand implements Callable<Integer> {
  private static final int OWN_PROMPT = 16;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "MODEL",
      description =
          "ONNX file; gpt-small, which is in the jar; or gpt2-medium, opt-1.3b, llama-7b, chatglm2-6b,"
              + " decoder-tiny-2 with random"
              + " weights.")
  private String model = "";

  @Option(names = "--text", paramLabel = "TEXT", description = "The prompt.")
  private @Nullable String text;

  @Option(names = "--ids", split = ",", paramLabel = "ID", description = "The prompt as tokens.")
  private List<Long> ids = new ArrayList<>();

  @Option(
      names = "--random-tokens",
      paramLabel = "N",
      description = "Tokens of the prompt of a decoder with random weights (default: 16).")
  private @Nullable Integer randomTokens;

  @Mixin private LayerOptions layers = new LayerOptions();

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "20",
      description = "Tokens to make (default: ${DEFAULT-VALUE}).")
  private int tokens = 20;

  @Option(
      names = "--no-cache",
      description = "Read the whole text in every run; the tokens are the same.")
  private boolean isWithoutCache;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0",
      description = "Draw from the SoftMax of logits over T; 0 takes the largest (default).")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      defaultValue = "0",
      description = "Draw from the K largest only; 0: from all (default).")
  private int most;

  @Option(names = "--seed", defaultValue = "1", description = "Of draws (default: 1).")
  private long seed = 1;

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = "A Hugging Face tokenizer.json (default: the one beside the model).")
  private @Nullable Path tokenizer;

  @Option(
      names = "--calibration-text-file",
      paramLabel = "FILE",
      description =
          "Texts to calibrate on, one per line (default: those that come with gpt-small, else the"
              + " prompt, continued by random tokens if it is short).")
  private @Nullable Path calibrationTexts;

  @Option(
      names = "--calibration",
      paramLabel = "FILE",
      description = "Ranges and scales of an earlier run, see --save-calibration.")
  private @Nullable Path calibration;

  @Option(
      names = "--save-calibration",
      paramLabel = "FILE",
      description = "Write ranges and scales to this file.")
  private @Nullable Path savedCalibration;

  @Option(
      names = "--partition",
      paramLabel = "CORES",
      defaultValue = "auto",
      description = "Cores a run is split over, off, or auto: all (default: ${DEFAULT-VALUE}).")
  private String partition = "auto";

  @Mixin private MachineOptions machine = new MachineOptions();

  @Mixin private EngineOptions engine = new EngineOptions();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    FileAccess.requireWritable(savedCalibration);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    TataaConfig config = machine.config();
    DecoderWorkload workload = workload();
    try (Words words = new Words()) {
      long[] prompt = prompt(workload, words);
      GenerationSizes sizes = GenerationSizes.DEFAULT.forTokens(prompt.length + tokens);
      TokenChoice choice = TokenChoice.drawn(temperature, most, seed);
      boolean keepsKeys = true;
      Generation made;
      if (workload != null && layers.isLayered(model)) {
        made = layered(workload, config, sizes, prompt, choice, err);
      } else {
        OnnxImporter.Model decoder = workload == null ? decoder() : workload.withPast();
        DecoderSession session = new DecoderSession(config, decoder, options(), sizes);
        session.use(engine.host());
        calibrate(session, words, prompt, err);
        keepsKeys = session.isCached() && !isWithoutCache;
        try (Progress progress = new Progress(err, "generating")) {
          int[] done = new int[1];
          made =
              session.generate(
                  prompt,
                  tokens,
                  !isWithoutCache,
                  choice,
                  token -> progress.done(++done[0], tokens));
        }
      }
      String result = words.decoded(made.tokens());
      if (json) {
        out.println(Json.write(view(made, keepsKeys, result)));
      } else {
        print(out, made, result);
      }
      return ExitCode.OK;
    } catch (IllegalArgumentException e) {
      throw new InputException(model + ": " + e.getMessage());
    }
  }

  private @Nullable DecoderWorkload workload() {
    DecoderWorkload workload = Workloads.decoder(model);
    if (workload == null) {
      if (randomTokens != null || layers.areGiven()) {
        throw new InputException(
            model
                + ": --random-tokens, --blocks and --layered are for decoders with random weights,"
                + " as llama-7b");
      }
      if (!TrainedModels.contains(model)) {
        ModelNames.check(model);
      }
      return null;
    }
    return layers.of(workload);
  }

  private OnnxImporter.Model decoder() {
    return TrainedModels.contains(model)
        ? TrainedModels.model(model)
        : OnnxImporter.read(Path.of(model));
  }

  // Layers one after the other, each calibrated as it is made.
  private Generation layered(
      DecoderWorkload workload,
      TataaConfig config,
      GenerationSizes sizes,
      long[] prompt,
      TokenChoice choice,
      PrintWriter err) {
    if (isWithoutCache
        || calibration != null
        || savedCalibration != null
        || calibrationTexts != null) {
      throw new InputException(
          model
              + " is run layer by layer, each calibrated when it is made: no --no-cache,"
              + " --calibration, --save-calibration or --calibration-text-file");
    }
    sizes.requireRoom(prompt.length, tokens);
    LayeredDecoder decoder = new LayeredDecoder(config, workload.layered(true), options(), sizes);
    workload.requireMemory(decoder.memoryBytes(tokens > 1), "layer by layer");
    decoder.use(engine.host());
    try (Progress progress = new Progress(err, "generating")) {
      return decoder.generate(
          prompt,
          tokens,
          List.of(DecoderSession.calibrationText(prompt, workload.vocabulary())),
          choice,
          token -> {},
          progress);
    }
  }

  private CompilerOptions options() {
    return CompilerOptions.DEFAULT.withPartitioning(Partitioning.parse(partition));
  }

  private long[] prompt(@Nullable DecoderWorkload workload, Words words) {
    if (text != null && !ids.isEmpty()) {
      throw new InputException("--text and --ids cannot be combined");
    }
    if (text != null) {
      return words.encoded(text);
    }
    if (randomTokens != null && !ids.isEmpty()) {
      throw new InputException("--random-tokens and --ids cannot be combined");
    }
    if (ids.isEmpty() && workload != null) {
      return workload.text(randomTokens == null ? OWN_PROMPT : Math.max(0, randomTokens), 1);
    }
    if (ids.isEmpty()) {
      throw new InputException(model + " needs a prompt: --text or --ids");
    }
    return ids.stream().mapToLong(Long::longValue).toArray();
  }

  private void calibrate(DecoderSession session, Words words, long[] prompt, PrintWriter err) {
    Path given = calibration;
    Calibration used;
    if (given != null) {
      try {
        used = Calibration.read(given);
      } catch (IOException e) {
        throw new InputException(given + ": cannot be read: " + e);
      }
      session.use(used);
    } else {
      List<long[]> samples = new ArrayList<>();
      Path file = calibrationTexts;
      if (file != null) {
        FileAccess.readText(file)
            .lines()
            .filter(line -> !line.isBlank())
            .forEach(line -> samples.add(words.encoded(line)));
      } else if (model.equals(TrainedModels.TEXT)) {
        int length = Math.min(TrainedModels.CONTEXT, session.limit());
        samples.addAll(TrainedModels.texts(words.known(), TrainedModels.learntText(), length));
      } else {
        samples.add(session.calibrationText(prompt));
      }
      try (Progress progress = new Progress(err, "calibrating")) {
        used = session.calibrate(samples, progress);
      }
    }
    Path saved = savedCalibration;
    if (saved != null) {
      try {
        used.write(saved);
      } catch (IOException e) {
        throw new InputException(saved + ": cannot be written: " + e);
      }
    }
  }

  private static void print(PrintWriter out, Generation made, String result) {
    if (result.isEmpty()) {
      out.println("prompt: " + joined(made.prompt()));
      out.println("made:   " + joined(made.tokens()));
    } else {
      out.println(result);
    }
    out.println();
    out.println("              runs       cycles     ms      cycles/token  ms/token  host s");
    line(out, "prompt", made, true, made.prompt().size());
    if (made.decodes() > 0) {
      line(out, "tokens", made, false, made.decodes());
    }
    out.printf(
        Locale.ROOT,
        "%s, each run on %d cores; %.2f MB moved by the host%n",
        MachineOptions.line(made.config()),
        made.steps().get(0).result().cores(),
        made.hostBytes() / 1e6);
  }

  private static void line(
      PrintWriter out, String name, Generation made, boolean isPrefill, long tokens) {
    long cycles = made.cycles(isPrefill);
    double milliseconds = 1e3 * made.seconds(isPrefill);
    out.printf(
        Locale.ROOT,
        "%-12s %5d %12d %9.3f %12d %9.3f %7.2f%n",
        name,
        isPrefill ? made.steps().size() - made.decodes() : made.decodes(),
        cycles,
        milliseconds,
        cycles / tokens,
        milliseconds / tokens,
        made.nanos(isPrefill) / 1e9);
  }

  private static String joined(List<Long> tokens) {
    return String.join(",", tokens.stream().map(String::valueOf).toList());
  }

  private Map<String, Object> view(Generation made, boolean keepsKeys, String result) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("model", model);
    view.put("machine", MachineOptions.describe(made.config()));
    view.put("compiler", CompilerView.describe(options()));
    view.put("prompt", made.prompt());
    view.put("tokens", made.tokens());
    if (!result.isEmpty()) {
      view.put("text", result);
    }
    view.put("keepsKeys", keepsKeys);
    view.put("coresPerRun", made.steps().get(0).result().cores());
    view.put("promptCycles", made.cycles(true));
    view.put("promptSeconds", made.seconds(true));
    if (made.decodes() > 0) {
      view.put("tokenCycles", made.cycles(false) / made.decodes());
      view.put("tokenSeconds", made.seconds(false) / made.decodes());
    }
    view.put("hostBytes", made.hostBytes());
    view.put("steps", made.steps().stream().map(GenerateCommand::view).toList());
    return view;
  }

  private static Map<String, Object> view(Generation.Step step) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("kind", step.isPrefill() ? "prompt" : "token");
    view.put("position", step.position());
    view.put("count", step.count());
    view.put("rows", step.rows());
    view.put("slots", step.slots());
    view.put("cycles", step.result().cycles());
    view.put("hostBytes", step.hostBytes());
    view.put("stateBytes", step.stateBytes());
    view.put("hostSeconds", step.nanos() / 1e9);
    return view;
  }

  // The tokenizer, if there is one.
  private final class Words implements AutoCloseable {
    private @Nullable TextTokenizer opened;

    private @Nullable TextTokenizer found() {
      if (opened == null) {
        Path file = tokenizer;
        if (file == null && model.equals(TrainedModels.TEXT)) {
          opened = TrainedModels.tokenizer(GenerationSizes.DEFAULT.limit());
          return opened;
        }
        if (file == null) {
          Path beside = Path.of(model).resolveSibling("tokenizer.json");
          file = Files.isRegularFile(beside) && Workloads.decoder(model) == null ? beside : null;
        }
        opened = file == null ? null : TextTokenizer.read(file, GenerationSizes.DEFAULT.limit());
      }
      return opened;
    }

    TextTokenizer known() {
      TextTokenizer words = found();
      if (words == null) {
        throw new InputException(
            "texts for " + model + " need --tokenizer tokenizer.json, or that file beside it");
      }
      return words;
    }

    long[] encoded(String line) {
      return known().encode(line);
    }

    // Empty if there is no tokenizer.
    String decoded(List<Long> made) {
      TextTokenizer words = found();
      return words == null ? "" : words.decode(made.stream().mapToLong(Long::longValue).toArray());
    }

    @Override
    public void close() {
      if (opened != null) {
        opened.close();
      }
    }
  }
}
