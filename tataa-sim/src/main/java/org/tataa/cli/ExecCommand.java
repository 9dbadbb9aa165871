package org.tataa.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Assembler;
import org.tataa.isa.Program;
import org.tataa.memory.ExternalMemory;
import org.tataa.sim.RunResult;
import org.tataa.sim.Simulator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Executes a program file on one core. */
@Command(
    name = "exec",
    mixinStandardHelpOptions = true,
    description = {
      "Execute a program (binary, or assembly if its name ends in .s or .asm) on one core.",
      "Memory images are FILE or FILE@ADDRESS; the dump is a range of the YZ space."
    })
final class ExecCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private MachineOptions machine = new MachineOptions();

  @Parameters(paramLabel = "PROGRAM", description = "Program file.")
  private Path program = Path.of("");

  @Option(
      names = "--x-image",
      paramLabel = "FILE[@ADDR]",
      description = "Load a file into the X space before the run.")
  private List<String> imagesX = new ArrayList<>();

  @Option(
      names = "--yz-image",
      paramLabel = "FILE[@ADDR]",
      description = "Load a file into the YZ space before the run.")
  private List<String> imagesYz = new ArrayList<>();

  @Option(names = "--dump", paramLabel = "FILE", description = "Write memory after the run.")
  private @Nullable Path dump;

  @Option(
      names = "--dump-range",
      paramLabel = "ADDR:BYTES",
      description = "Range of the YZ space to dump (default: all of it).")
  private @Nullable String dumpRange;

  @Option(
      names = "--cycle-limit",
      paramLabel = "N",
      defaultValue = "1000000000",
      description = "Give up after so many cycles (default: ${DEFAULT-VALUE}).")
  private long cycleLimit;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    TataaConfig config = machine.config().withCores(1);
    Simulator simulator =
        Simulator.builder(config).program(readProgram()).cycleLimit(cycleLimit).build();
    ExternalMemory memory = simulator.memory(0);
    imagesX.forEach(image -> load(memory, ExternalMemory.Space.X, image));
    imagesYz.forEach(image -> load(memory, ExternalMemory.Space.YZ, image));
    RunResult run = simulator.run();
    if (dump != null) {
      FileAccess.write(dump, dumped(memory));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("program", program.toString());
      view.put("machine", MachineOptions.describe(config));
      view.put("latencyCycles", run.cores().get(0).latencyCycles());
      view.put("run", RunViews.run(run));
      out.println(Json.write(view));
    } else {
      out.println(MachineOptions.line(config));
      out.printf(
          "%s: %d instructions, %d cycles, latency counter %d%n",
          program, run.total().instructions(), run.cycles(), run.cores().get(0).latencyCycles());
      RunViews.printUnits(out, run.total());
    }
    return ExitCode.OK;
  }

  private Program readProgram() {
    String name = program.toString();
    return name.endsWith(".s") || name.endsWith(".asm")
        ? Assembler.assemble(FileAccess.readText(program), name)
        : Program.fromBytes(FileAccess.read(program));
  }

  private static void load(ExternalMemory memory, ExternalMemory.Space space, String image) {
    int at = image.lastIndexOf('@');
    long address = at < 0 ? 0 : number(image.substring(at + 1), image);
    byte[] bytes = FileAccess.read(Path.of(at < 0 ? image : image.substring(0, at)));
    if (!memory.contains(space, address, bytes.length)) {
      throw new InputException(
          String.format(
              "%s: %d bytes at 0x%x do not fit the %s space of %d bytes",
              image, bytes.length, address, space, memory.size(space)));
    }
    memory.write(space, address, bytes);
  }

  private byte[] dumped(ExternalMemory memory) {
    ExternalMemory.Space space = ExternalMemory.Space.YZ;
    String range = dumpRange;
    if (range == null) {
      return memory.read(space, 0, memory.size(space));
    }
    int colon = range.indexOf(':');
    if (colon < 0) {
      throw new InputException("--dump-range " + range + ": expected ADDR:BYTES");
    }
    long address = number(range.substring(0, colon), range);
    long bytes = number(range.substring(colon + 1), range);
    if (!memory.contains(space, address, bytes)) {
      throw new InputException(
          "--dump-range " + range + ": outside the YZ space of " + memory.size(space) + " bytes");
    }
    return memory.read(space, address, (int) bytes);
  }

  private static long number(String text, String where) {
    try {
      return Long.decode(text);
    } catch (NumberFormatException e) {
      throw new InputException(
          where + ": `" + text + "` is not a number, expected decimal or 0x hex");
    }
  }
}
