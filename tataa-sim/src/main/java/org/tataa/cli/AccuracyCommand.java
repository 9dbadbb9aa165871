package org.tataa.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tataa.pipeline.AccuracyStudy;
import org.tataa.pipeline.Sentences;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares quantisation schemes on the pre-trained encoder. */
@Command(
    name = "accuracy",
    mixinStandardHelpOptions = true,
    description = {
      "Run all-MiniLM-L6-v2 under several schemes on the built-in sentences and compare the",
      "embeddings with float32."
    })
final class AccuracyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--every",
      paramLabel = "N",
      defaultValue = "1",
      description = "Use every N-th of the 100 sentences (default: ${DEFAULT-VALUE}).")
  private int every = 1;

  @Option(
      names = "--scheme",
      paramLabel = "TEXT",
      description = "Only schemes whose name contains this; may be repeated.")
  private List<String> chosen = new ArrayList<>();

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Write the table to this file, in place of its section of the same heading.")
  private @Nullable Path markdown;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (every < 1) {
      throw new InputException("--every " + every + ", expected at least 1");
    }
    FileAccess.requireWritable(markdown);
    List<String> sentences = new ArrayList<>();
    for (int i = 0; i < Sentences.test().size(); i += every) {
      sentences.add(Sentences.test().get(i));
    }
    PrintWriter out = spec.commandLine().getOut();
    List<AccuracyStudy.Row> rows = new ArrayList<>();
    List<AccuracyStudy.Scheme> schemes =
        AccuracyStudy.schemes().stream()
            .filter(scheme -> chosen.isEmpty() || chosen.stream().anyMatch(scheme.name()::contains))
            .toList();
    if (json) {
      schemes.forEach(scheme -> rows.add(measured(scheme, sentences)));
    } else {
      try (RowTable lines =
          new RowTable(out, "mean cosine  minimum  Spearman     wraps    cycles  scheme")) {
        for (AccuracyStudy.Scheme scheme : schemes) {
          AccuracyStudy.Row row = measured(scheme, sentences);
          rows.add(row);
          lines.row(
              String.format(
                  Locale.ROOT,
                  "%11.4f %8.4f %9.4f %9d %9d  %s",
                  row.meanCosine(),
                  row.minCosine(),
                  row.spearman(),
                  row.wraps(),
                  row.deviceCycles(),
                  scheme.name()));
        }
      }
    }
    if (markdown != null) {
      MarkdownPage.write(markdown, markdown(rows, sentences.size()));
    }
    if (json) {
      out.println(
          Json.write(
              Map.of(
                  "sentences",
                  sentences.size(),
                  "schemes",
                  rows.stream().map(AccuracyCommand::view).toList())));
    }
    return ExitCode.OK;
  }

  private AccuracyStudy.Row measured(AccuracyStudy.Scheme scheme, List<String> sentences) {
    try (Progress progress = new Progress(spec.commandLine().getErr(), scheme.name())) {
      return AccuracyStudy.measure(scheme, Sentences.calibration(), sentences, progress);
    }
  }

  static Map<String, Object> view(AccuracyStudy.Row row) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("scheme", row.scheme().name());
    view.put("meanCosine", row.meanCosine());
    view.put("minCosine", row.minCosine());
    view.put("spearman", row.spearman());
    view.put("wraps", row.wraps());
    view.put("deviceCycles", row.deviceCycles());
    return view;
  }

  private String markdown(List<AccuracyStudy.Row> rows, int sentences) {
    StringBuilder text = new StringBuilder();
    text.append("# Accuracy of the whole encoder\n\n")
        .append("all-MiniLM-L6-v2, all six layers and mean pooling, on the simulated u280: ")
        .append(sentences)
        .append(" sentences,\ncalibrated on ")
        .append(Sentences.calibration().size())
        .append(" others. Cosine of embeddings with float32, Spearman correlation of the\n")
        .append("similarities of all pairs. A scheme differs from the default in what its name\n")
        .append(
            "says. Cycles are those of the device with eight cores, a sentence per core. Wraps\n")
        .append("are sums that left the accumulator, on the sentences that were measured.\n\n")
        .append("Made by `tataa accuracy ")
        .append(every == 1 ? "" : "--every " + every + " ")
        .append("--markdown docs/accuracy.md`.\n\n")
        .append("| scheme | mean cosine | minimum | Spearman | wraps | million cycles |\n")
        .append("|---|---|---|---|---|---|\n");
    for (AccuracyStudy.Row row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %.4f | %.4f | %.4f | %d | %.1f |\n",
              row.scheme().name(),
              row.meanCosine(),
              row.minCosine(),
              row.spearman(),
              row.wraps(),
              row.deviceCycles() / 1e6));
    }
    return text.toString();
  }
}
