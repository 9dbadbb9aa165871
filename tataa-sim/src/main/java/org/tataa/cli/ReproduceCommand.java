package org.tataa.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tataa.explore.Paper;
import org.tataa.explore.PaperStudy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The figures of the paper, simulated. */
@Command(
    name = "reproduce",
    mixinStandardHelpOptions = true,
    description = {
      "Simulate what the paper evaluates and put every figure it reports beside the simulated one,",
      "with workload, machine, difference and reason. Prints Markdown. Takes minutes."
    })
final class ReproduceCommand implements Callable<Integer> {
  private static final int MOST_DEPTH = 1 << 16;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..*",
      paramLabel = "WORKLOAD",
      description = "Workloads (default: deit-s, bert-base, deit-b, swin-t).")
  private List<String> workloads = new ArrayList<>();

  @Option(
      names = "--depths",
      split = ",",
      paramLabel = "K",
      description = "Depths of linear layers alone (default: 64 to 3072).")
  private List<Integer> depths = PaperStudy.DEPTHS;

  @Option(names = "--no-accuracy", description = "Leave out the pre-trained encoder.")
  private boolean isWithoutAccuracy;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Write docs/paper.md to this file instead of printing it.")
  private @Nullable Path markdown;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Write an HTML page with tables and charts that needs no network.")
  private @Nullable Path page;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    FileAccess.requireWritable(markdown, page);
    if (depths.stream().anyMatch(k -> k < 1 || k > MOST_DEPTH)) {
      throw new InputException("--depths " + depths + ", expected 1 to " + MOST_DEPTH);
    }
    List<String> names = workloads.isEmpty() ? PaperStudy.WORKLOADS : workloads;
    PrintWriter out = spec.commandLine().getOut();
    Paper paper;
    try (Progress progress = new Progress(spec.commandLine().getErr(), "reproducing")) {
      paper = PaperStudy.run(names, depths, !isWithoutAccuracy, progress);
    } catch (IllegalArgumentException e) {
      throw new InputException(String.valueOf(e.getMessage()));
    }
    String text = PaperPage.markdown(command(), paper);
    if (markdown != null) {
      FileAccess.write(markdown, text.getBytes(StandardCharsets.UTF_8));
    }
    if (page != null) {
      FileAccess.write(
          page, file -> file.write(HtmlReport.page("paper.html", PaperPage.view(paper))));
    }
    if (json) {
      out.println(Json.write(PaperPage.view(paper)));
    } else if (markdown == null) {
      out.print(text);
      out.flush();
    }
    return ExitCode.OK;
  }

  private static String join(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private String command() {
    StringBuilder command = new StringBuilder("tataa reproduce");
    workloads.forEach(workload -> command.append(' ').append(workload));
    command.append(depths.equals(PaperStudy.DEPTHS) ? "" : " --depths " + join(depths));
    command.append(isWithoutAccuracy ? " --no-accuracy" : "");
    return command + " --markdown docs/paper.md";
  }
}
