package org.tataa.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.tataa.conformance.ConformanceReport;
import org.tataa.conformance.ConformanceSuite;
import org.tataa.conformance.FileResult;
import org.tataa.sim.Engine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks the simulator against golden files. */
@Command(
    name = "conformance",
    mixinStandardHelpOptions = true,
    description =
        "Check the simulator against recorded vectors and traces of the released RTL, every line.")
final class ConformanceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "DIR", description = "Directory of golden files.")
  private Path directory = Path.of("");

  @Mixin private EngineOption engine = new EngineOption();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    ConformanceReport report =
        Progress.during(
            spec.commandLine().getErr(),
            "comparing",
            () -> ConformanceSuite.run(directory, engine.orElse(Engine.STEPPING)));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.write(view(report)));
    } else {
      out.printf("%-46s %8s %11s%n", "file", "checked", "mismatches");
      for (FileResult file : report.files()) {
        out.printf("%-46s %8d %11d%n", file.file(), file.checked(), file.mismatches());
        file.firstMismatches().forEach(mismatch -> out.println("    " + mismatch));
      }
      out.printf("%-46s %8d %11d%n", "total", report.checked(), report.mismatches());
    }
    return report.passed() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static Map<String, Object> view(ConformanceReport report) {
    List<Map<String, Object>> files = new ArrayList<>();
    for (FileResult file : report.files()) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("file", file.file());
      view.put("checked", file.checked());
      view.put("mismatches", file.mismatches());
      view.put(
          "first", file.firstMismatches().stream().map(FileResult.Mismatch::toString).toList());
      files.add(view);
    }
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("passed", report.passed());
    view.put("checked", report.checked());
    view.put("mismatches", report.mismatches());
    view.put("files", files);
    return view;
  }
}
