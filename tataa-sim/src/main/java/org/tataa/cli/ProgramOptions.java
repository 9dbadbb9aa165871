package org.tataa.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Assembler;
import org.tataa.isa.Encoding;
import org.tataa.isa.Program;
import org.tataa.memory.ExternalMemory;
import org.tataa.sim.Engine;
import org.tataa.sim.Simulator;
import org.tataa.sim.Snapshot;
import org.tataa.sim.SnapshotException;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A program with memory images, shared by the commands that run one. */
final class ProgramOptions {
  @Parameters(
      paramLabel = "PROGRAM",
      description =
          "Program: assembly (.s, .asm), instruction words, or a snapshot; `debug` also takes models.")
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

  /** The program's file. */
  Path file() {
    return program;
  }

  /**
   * A machine of one core with program and memory; in the saved state if the program is a snapshot.
   *
   * @param engine the one for a machine
   */
  Simulator start(MachineOptions machine, long cycleLimit, Function<TataaConfig, Engine> engine) {
    Simulator simulator =
        Snapshot.isSnapshot(program)
            ? restore(program, engine)
            : build(machine.config().withCores(1), cycleLimit, engine);
    ExternalMemory memory = simulator.memory(0);
    imagesX.forEach(image -> load(memory, ExternalMemory.Space.X, image));
    imagesYz.forEach(image -> load(memory, ExternalMemory.Space.YZ, image));
    return simulator;
  }

  private Simulator build(
      TataaConfig config, long cycleLimit, Function<TataaConfig, Engine> engine) {
    return Simulator.builder(config)
        .program(read(Encoding.of(config)))
        .cycleLimit(cycleLimit)
        .engine(engine.apply(config))
        .build();
  }

  private static Simulator restore(Path file, Function<TataaConfig, Engine> engine) {
    Simulator simulator;
    try {
      simulator = Snapshot.read(file, engine);
    } catch (SnapshotException e) {
      throw new InputException(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e);
    }
    if (simulator.coreCount() != 1) {
      throw new InputException(file + ": " + simulator.coreCount() + " cores, expected one");
    }
    return simulator;
  }

  private Program read(Encoding encoding) {
    String name = program.toString();
    return name.endsWith(".s") || name.endsWith(".asm")
        ? Assembler.assemble(FileAccess.readText(program), name, encoding)
        : Program.fromBytes(FileAccess.read(program), encoding);
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

  static long number(String text, String where) {
    try {
      return Long.decode(text);
    } catch (NumberFormatException e) {
      throw new InputException(
          where + ": `" + text + "` is not a number, expected decimal or 0x hex");
    }
  }
}
