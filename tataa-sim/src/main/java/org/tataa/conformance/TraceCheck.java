package org.tataa.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tataa.config.MemoryConfig;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.InstructionFormatException;
import org.tataa.isa.Program;
import org.tataa.memory.ExternalMemory;
import org.tataa.sim.Engine;

/**
 * Checks whole programs: accept, start and done cycle of every instruction, every control event,
 * the final counters, and the memory image.
 */
final class TraceCheck {
  private static final Pattern START_DONE = Pattern.compile("start=(-?\\d+) done=(-?\\d+)");
  private static final Pattern COUNTERS =
      Pattern.compile("latency_cycles=(\\d+) debug_status=([0-9a-f]{8})");
  private static final int BEAT = 32;

  private final GoldenTable table;
  private final FileResult result;
  private final TraceRecorder recorder = new TraceRecorder();

  private TraceCheck(GoldenTable table) {
    this.table = table;
    result = new FileResult(table.name());
  }

  static FileResult check(GoldenTable memoryInit, GoldenTable trace, Engine engine) {
    return new TraceCheck(trace).run(memoryInit, engine);
  }

  private FileResult run(GoldenTable memoryInit, Engine engine) {
    Program program = program();
    int bytes = spaceBytes(memoryInit, program);
    TataaCore core =
        engine.core(
            TataaConfig.u280()
                .withCores(1)
                .withProfiles(Profiles.RELEASED)
                .withMemory(MemoryConfig.separate(bytes, bytes)));
    for (GoldenTable.Row row : memoryInit.rows()) {
      core.memory().write(space(row), row.hexLong(1), row.bytes(2, BEAT));
    }
    core.load(program);
    core.observe(recorder);
    while (!core.isFinished()) {
      core.tick();
    }
    recorder.close(core);
    Map<Long, List<String>> events = recorder.events();
    for (GoldenTable.Row row : table.rows()) {
      result.line();
      switch (row.text(0)) {
        case "instr" -> checkInstruction(row);
        case "event" -> checkEvent(row, events);
        case "counter" -> checkCounters(row);
        case "mem" -> checkMemory(row, core);
        default ->
            throw row.error("kind is `" + row.text(0) + "`, expected instr, event, counter or mem");
      }
    }
    for (Map.Entry<Long, List<String>> left : events.entrySet()) {
      for (String event : left.getValue()) {
        result.mismatch(0, "event at cycle " + left.getKey(), "nothing", event);
      }
    }
    return result;
  }

  private static ExternalMemory.Space space(GoldenTable.Row row) {
    return switch (row.text(0)) {
      case "xi" -> ExternalMemory.Space.X;
      case "yizo" -> ExternalMemory.Space.YZ;
      default -> throw row.error("space is `" + row.text(0) + "`, expected xi or yizo");
    };
  }

  // Indices that are not listed are NOPs.
  private Program program() {
    TreeMap<Integer, Long> words = new TreeMap<>();
    for (GoldenTable.Row row : table.rows()) {
      if (row.text(0).equals("instr")) {
        words.put(row.decimal(2), row.hexLong(3));
      }
    }
    if (words.isEmpty()) {
      throw new ConformanceException(table.name() + ": has no instr lines");
    }
    long[] program = new long[words.lastKey() + 1];
    words.forEach((index, word) -> program[index] = word);
    try {
      return Program.ofWords(program);
    } catch (InstructionFormatException e) {
      throw new ConformanceException(table.name() + ": " + e.getMessage(), e);
    }
  }

  private static int spaceBytes(GoldenTable memoryInit, Program program) {
    long end = 0;
    for (GoldenTable.Row row : memoryInit.rows()) {
      end = Math.max(end, row.hexLong(1) + BEAT);
    }
    for (int i = 0; i < program.size(); i++) {
      end = Math.max(end, TraceRecorder.addressEnd(program.instruction(i)));
    }
    if (end > 1 << 28) {
      throw new ConformanceException("trace uses addresses up to 0x" + Long.toHexString(end));
    }
    return (int) ((end + 0xffff) & ~0xffffL);
  }

  private void checkInstruction(GoldenTable.Row row) {
    int index = row.decimal(2);
    String what = "instruction " + index;
    Matcher times = START_DONE.matcher(row.text(4));
    long start = -1;
    long done = -1;
    if (times.find()) {
      start = Long.parseLong(times.group(1));
      done = Long.parseLong(times.group(2));
    } else if (!row.text(4).equals("NOP")) {
      throw row.error("text `" + row.text(4) + "` has no start= and done=");
    }
    result.compare(row.line(), what + " accept", (long) row.decimal(1), recorder.accept(index));
    result.compare(row.line(), what + " start", start, recorder.start(index));
    result.compare(row.line(), what + " done", done, recorder.done(index));
  }

  private void checkEvent(GoldenTable.Row row, Map<Long, List<String>> events) {
    long cycle = row.decimal(1);
    String event = row.text(3);
    List<String> found = events.getOrDefault(cycle, new ArrayList<>());
    if (!found.remove(event)) {
      result.mismatch(row.line(), "event at cycle " + cycle, event, found.toString());
    }
  }

  private void checkCounters(GoldenTable.Row row) {
    Matcher match = COUNTERS.matcher(row.text(3));
    if (!match.find()) {
      throw row.error("expected latency_cycles=<n> debug_status=<8 hex digits>");
    }
    result.compare(
        row.line(), "latency_cycles", match.group(1), Long.toString(recorder.latencyCycles()));
    result.compare(
        row.line(), "debug_status", match.group(2), String.format("%08x", recorder.status()));
  }

  private void checkMemory(GoldenTable.Row row, TataaCore core) {
    long address = row.hexLong(2);
    byte[] expected = row.bytes(3, BEAT);
    if (!core.memory().contains(ExternalMemory.Space.YZ, address, BEAT)) {
      result.mismatch(row.line(), "memory", "address " + Long.toHexString(address), "no such byte");
      return;
    }
    byte[] actual = core.memory().read(ExternalMemory.Space.YZ, address, BEAT);
    result.compare(row.line(), "memory 0x" + Long.toHexString(address), hex(expected), hex(actual));
  }

  private static String hex(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (byte value : bytes) {
      text.append(String.format("%02x", value & 0xff));
    }
    return text.toString();
  }
}
