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
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.machine.CoreMachine;
import org.tataa.schedule.Schedule;
import org.tataa.sim.IndentedJson;
import org.tataa.tile.TileStep;

/**
 * Writes a compiled model as files: {@code manifest.json} with the steps in order and the symbols,
 * {@code memory.bin} with weights and constants at their addresses, and files of instructions,
 * which {@code tataa exec} and {@code tataa disasm} read: one for the steps a core does one after
 * the other, or one for each core that has a share of a step.
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
      if (segment instanceof Schedule.Device device) {
        Map<String, Object> files = files(directory, device);
        for (int i = 0; i < device.steps(); i++) {
          TileStep step = schedule.tiles().steps().get(device.firstStep() + i);
          Map<String, Object> view = view(step);
          view.putAll(files);
          put(view, model.core(), device, i);
          view.put("macs", step.work().macs());
          steps.add(view);
        }
      } else {
        Map<String, Object> view = view(schedule.tiles().steps().get(segment.firstStep()));
        view.put("program", null);
        steps.add(view);
      }
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

  private static Map<String, Object> view(TileStep step) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("name", step.work().value());
    view.put("kind", step.work().kind().name());
    view.put("tiling", CompiledModel.tiling(step));
    return view;
  }

  // One program, or one for each core that has a share.
  private static Map<String, Object> files(Path directory, Schedule.Device device)
      throws IOException {
    List<String> files = new ArrayList<>();
    for (int core = 0; core < device.programs().size(); core++) {
      if (device.programs().size() > 1 && !device.isWorking(core)) {
        continue;
      }
      String suffix = device.programs().size() == 1 ? "" : "-core" + core;
      files.add(String.format(Locale.ROOT, "%04d%s.bin", device.firstStep(), suffix));
      Files.write(
          directory.resolve(files.get(files.size() - 1)), device.programs().get(core).toBytes());
    }
    Map<String, Object> view = new LinkedHashMap<>();
    if (device.programs().size() == 1) {
      view.put("program", files.get(0));
    } else {
      view.put("programs", files);
    }
    return view;
  }

  private static void put(
      Map<String, Object> view, TataaConfig core, Schedule.Device device, int number) {
    List<Program> programs = device.programs(number);
    if (programs.size() > 1) {
      view.put("barrierCycles", number == 0 ? device.barrierCycles() : 0);
    }
    view.put("firstInstruction", device.starts().get(number));
    view.put(
        "instructions",
        programs.stream().filter(program -> program.size() > 1).mapToLong(Program::size).sum());
    view.put("boundCycles", ProgramBound.of(core, programs).cycles());
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
