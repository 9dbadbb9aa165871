package org.tataa.compiler;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.tataa.isa.Program;
import org.tataa.machine.CoreMachine;
import org.tataa.schedule.Schedule;
import org.tataa.sim.IndentedJson;
import org.tataa.tile.TileStep;

/**
 * Writes a compiled model as files: {@code manifest.json} with the steps in order and the symbols,
 * {@code memory.bin} with weights and constants at their addresses, and one file of instructions
 * per step, which {@code tataa exec} and {@code tataa disasm} read.
 */
public final class ProgramDirectory {
  private static final ObjectMapper MAPPER = IndentedJson.mapper();

  private ProgramDirectory() {}

  /**
   * Writes a directory, under a temporary name first.
   *
   * @throws FileAlreadyExistsException if it exists
   * @throws IOException if it cannot be written
   */
  public static void write(CompiledModel model, Path directory) throws IOException {
    Path target = directory.toAbsolutePath();
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(directory.toString());
    }
    Path parent = target.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw new IOException(directory + ": its directory does not exist");
    }
    Path temporary = Files.createTempDirectory(parent, "." + target.getFileName());
    Thread interrupted = new Thread(() -> deleteQuietly(temporary));
    Runtime.getRuntime().addShutdownHook(interrupted);
    try {
      fill(model, temporary);
      Files.move(temporary, target);
    } finally {
      delete(temporary);
      forget(interrupted);
    }
  }

  private static void fill(CompiledModel model, Path directory) throws IOException {
    List<Map<String, Object>> steps = new ArrayList<>();
    Schedule schedule = model.levels().schedule();
    for (Schedule.Segment segment : schedule.segments()) {
      TileStep step = schedule.tiles().steps().get(segment.firstStep());
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("name", step.work().value());
      view.put("kind", step.work().kind().name());
      view.put("tiling", CompiledModel.tiling(step));
      if (segment instanceof Schedule.Device device) {
        files(directory, model, device, steps.size(), step, view);
      } else {
        view.put("program", null);
      }
      steps.add(view);
    }
    CoreMachine machine = CoreMachine.unclocked(model.core());
    model.load(machine);
    int bytes = model.core().memory().xBytes();
    Files.write(directory.resolve("memory.bin"), machine.read(0, bytes));
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("version", 1);
    manifest.put("model", model.name());
    manifest.put("cores", model.cores());
    manifest.put("memoryBytes", bytes);
    manifest.put("steps", steps);
    manifest.put("symbols", model.symbols());
    MAPPER.writeValue(directory.resolve("manifest.json").toFile(), manifest);
  }

  // One program, or one for each core that has a share.
  private static void files(
      Path directory,
      CompiledModel model,
      Schedule.Device device,
      int number,
      TileStep step,
      Map<String, Object> view)
      throws IOException {
    String kind = step.work().kind().name().toLowerCase(Locale.ROOT);
    List<String> files = new ArrayList<>();
    long instructions = 0;
    for (int core = 0; core < device.programs().size(); core++) {
      if (device.programs().size() > 1 && !device.isWorking(core)) {
        continue;
      }
      Program program = device.programs().get(core);
      String suffix = device.programs().size() == 1 ? "" : "-core" + core;
      files.add(String.format(Locale.ROOT, "%04d-%s%s.bin", number, kind, suffix));
      Files.write(directory.resolve(files.get(files.size() - 1)), program.toBytes());
      instructions += program.size();
    }
    if (device.programs().size() == 1) {
      view.put("program", files.get(0));
    } else {
      view.put("programs", files);
      view.put("barrierCycles", device.barrierCycles());
    }
    view.put("instructions", instructions);
    view.put("macs", step.work().macs());
    view.put("boundCycles", ProgramBound.of(model.core(), device.programs()).cycles());
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The virtual machine is ending and runs the hook itself.
    }
  }

  private static void deleteQuietly(Path directory) {
    try {
      delete(directory);
    } catch (IOException e) {
      // The process is about to end; nobody is left to be told.
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
