package org.tataa.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.LevelText;
import org.tataa.compiler.PassEffects;
import org.tataa.compiler.Passes;
import org.tataa.compiler.ProgramDirectory;
import org.tataa.tile.SpilledVectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compiles a model to files. */
@Command(
    name = "compile",
    mixinStandardHelpOptions = true,
    description = {
      "Compile a model for the shapes of its first item to a directory: instructions of every step,",
      "memory image, and a manifest with the symbols. Or print one of its levels. Packed with other",
      "items and split over cores as `tataa run` with the same items does it; a step then has",
      "instructions for each core."
    })
final class CompileCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "MODEL",
      description =
          "ONNX file; all-MiniLM-L6-v2 or vit-fashion, which are in the jar; e5-small-v2,"
              + " bge-small-en-v1.5 or bge-small-zh-v1.5, which are in Maven artifacts; or deit-s,"
              + " deit-b, bert-base, swin-t with random weights.")
  private String model = "";

  @Mixin private ModelOptions options = new ModelOptions();

  @Mixin private MachineOptions machine = new MachineOptions();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIRECTORY",
      description = "Directory to make.")
  private @Nullable Path output;

  @Option(
      names = "--emit",
      paramLabel = "LEVEL",
      description = "Print a level as text instead: graph, tensor, tile or asm.")
  private @Nullable LevelText emit;

  @Option(
      names = "--explain-passes",
      description = "List the passes instead, with what each does for the model.")
  private boolean explain;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if ((output == null ? 0 : 1) + (emit == null ? 0 : 1) + (explain ? 1 : 0) != 1) {
      throw new ParameterException(
          spec.commandLine(),
          "expected one of --output=DIRECTORY, --emit=LEVEL and --explain-passes");
    }
    ModelOptions.Work work = options.open(model, machine.config());
    if (explain) {
      explain(work);
      return ExitCode.OK;
    }
    options.prepare(work, spec.commandLine().getErr());
    long start = System.nanoTime();
    CompiledModel compiled =
        Progress.during(
            spec.commandLine().getErr(),
            "compiling",
            () -> work.session().compileFirst(work.items()));
    double seconds = (System.nanoTime() - start) / 1e9;
    if (emit != null) {
      spec.commandLine().getOut().print(emit.of(compiled.levels()));
      spec.commandLine().getOut().flush();
      return ExitCode.OK;
    }
    Path output = Objects.requireNonNull(this.output);
    try {
      ProgramDirectory.write(compiled, output);
    } catch (FileAlreadyExistsException e) {
      throw new InputException(output + ": exists already");
    } catch (IOException e) {
      throw new InputException(output + ": cannot be written: " + e.getMessage());
    }
    SpilledVectors spilled = compiled.spilled();
    long instructions = compiled.programs().stream().mapToLong(p -> p.size()).sum();
    if (json) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("model", work.name());
      view.put("directory", output.toString());
      view.put("machine", MachineOptions.describe(machine.config()));
      view.put("compiler", CompilerView.describe(options.compilerOptions()));
      view.put("programs", compiled.programs().size());
      view.put("coresPerItem", compiled.cores());
      view.put("instructions", instructions);
      view.put("spilledVectors", spilled.stored());
      view.put("reloadedVectors", spilled.loaded());
      view.put("memoryBytes", compiled.core().memory().xBytes());
      view.put("compileSeconds", seconds);
      spec.commandLine().getOut().println(Json.write(view));
    } else {
      spec.commandLine()
          .getOut()
          .printf(
              "%s: %d programs, %d instructions%s, %.1f MiB of memory, compiled in %.2f s to %s%n",
              work.name(),
              compiled.programs().size(),
              instructions,
              spilled.isAny() ? ", " + spilled.describe() : "",
              compiled.core().memory().xBytes() / 1048576.0,
              seconds,
              output);
    }
    return ExitCode.OK;
  }

  private void explain(ModelOptions.Work work) {
    List<PassEffects.Effect> effects =
        Progress.during(
            spec.commandLine().getErr(),
            "compiling",
            () -> work.session().explainPasses(work.items().get(0)));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.write(Map.of("model", work.name(), "passes", effects)));
      return;
    }
    out.printf(
        "%-22s %-9s %10s %12s %12s %10s %10s%n",
        "after pass", "level", "operations", "bound", "instructions", "MB read", "MB written");
    for (PassEffects.Effect effect : effects) {
      Passes.Pass pass = effect.pass();
      out.printf(
          "%-22s %-9s %10d %12d %12d %10.2f %10.2f  %s%n",
          pass == null ? "none" : pass.name(),
          pass == null ? "" : pass.level(),
          effect.operations(),
          effect.bound().cycles(),
          effect.bound().instructions(),
          effect.bound().loaded() / 1e6,
          effect.bound().stored() / 1e6,
          pass == null ? "" : pass.description());
    }
    out.println(
        "  bound: least cycles of one core for one item, those of the unit that needs most");
  }
}
