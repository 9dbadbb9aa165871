package org.tataa.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tataa.config.MemoryConfig;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.memory.ExternalMemory;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.UnitKind;
import org.tataa.sim.Engine;

/** Checks whole int8 blocks: every dual-mode-buffer write and the control signals around it. */
final class BlockCheck implements CoreObserver {
  private static final int WORD = 32;

  private final TataaCore core;
  private final Map<String, String> actual = new LinkedHashMap<>();
  private long execStart = -1;

  private BlockCheck(TataaCore core) {
    this.core = core;
  }

  static FileResult check(GoldenTable inputs, GoldenTable events, Engine engine) {
    Map<Integer, List<GoldenTable.Row>> operands = byBlock(inputs);
    Map<Integer, List<GoldenTable.Row>> expected = byBlock(events);
    FileResult result = new FileResult(events.name());
    TataaCore core =
        engine.core(
            TataaConfig.u280()
                .withCores(1)
                .withProfiles(Profiles.RELEASED)
                .withMemory(MemoryConfig.separate(1 << 15, 1 << 15)));
    for (Map.Entry<Integer, List<GoldenTable.Row>> entry : expected.entrySet()) {
      List<GoldenTable.Row> block = operands.get(entry.getKey());
      if (block == null) {
        throw entry.getValue().get(0).error("block has no operands in " + inputs.name());
      }
      BlockCheck run = new BlockCheck(core);
      run.run(block);
      run.compare(entry.getValue(), result);
    }
    return result;
  }

  private static Map<Integer, List<GoldenTable.Row>> byBlock(GoldenTable table) {
    Map<Integer, List<GoldenTable.Row>> blocks = new LinkedHashMap<>();
    for (GoldenTable.Row row : table.rows()) {
      blocks.computeIfAbsent(row.decimal(0), key -> new ArrayList<>()).add(row);
    }
    return blocks;
  }

  private void run(List<GoldenTable.Row> operands) {
    GoldenTable.Row head = operands.get(0);
    int depth = head.decimal(1);
    for (GoldenTable.Row row : operands) {
      byte[] word = row.bytes(8, WORD);
      long address = (long) row.decimal(7) * WORD;
      if (row.text(6).equals("X")) {
        byte[] reversed = new byte[WORD];
        for (int i = 0; i < WORD; i++) {
          reversed[WORD - 1 - i] = word[i];
        }
        core.memory().write(ExternalMemory.Space.X, address, reversed);
      } else {
        core.memory().write(ExternalMemory.Space.YZ, address, word);
      }
    }
    Program program =
        new ProgramBuilder()
            .loadMX(head.decimal(4), depth, 0, WORD * depth)
            .loadMY(head.decimal(5), depth, 0, WORD * depth)
            .matmul(
                head.decimal(4), head.decimal(5), depth, head.decimal(2) == 1, head.decimal(3) == 1)
            .halt()
            .build();
    core.continueWith(program);
    core.observe(this);
    boolean reading = false;
    boolean draining = false;
    while (!core.isFinished()) {
      long cycle = core.cycle();
      core.tick();
      boolean readsNow = core.blockUnit().isFeeding(cycle);
      boolean drainsNow = core.blockUnit().isDraining(cycle);
      edge("buf_valid", reading, readsNow, cycle);
      edge("sys_buf", draining, drainsNow, cycle);
      reading = readsNow;
      draining = drainsNow;
    }
    core.observe(null);
  }

  private void edge(String signal, boolean before, boolean after, long cycle) {
    if (before != after) {
      actual.put(signal + (after ? "_rise" : "_fall"), Long.toString(cycle - execStart));
    }
  }

  @Override
  public void onStart(long cycle, int index, UnitKind unit) {
    if (unit == UnitKind.EXEC) {
      execStart = cycle;
      actual.put("exec_start", "0");
    }
  }

  @Override
  public void onDone(long cycle, int index, UnitKind unit) {
    if (unit == UnitKind.EXEC) {
      actual.put("exec_done", Long.toString(cycle - execStart));
    }
  }

  @Override
  public void onDrainWrite(long cycle, int index, int dmpu, int row, int[] lo, int[] hi) {
    StringBuilder text = new StringBuilder();
    for (int column = 0; column < lo.length; column++) {
      text.append(String.format(",%04x%04x", hi[column] & 0xffff, lo[column] & 0xffff));
    }
    actual.put("dmb_wr " + (cycle - execStart) + " dmpu " + dmpu, text.toString());
  }

  private void compare(List<GoldenTable.Row> expected, FileResult result) {
    for (GoldenTable.Row row : expected) {
      result.line();
      String event = row.text(2);
      if (event.equals("dmb_wr")) {
        StringBuilder words = new StringBuilder();
        for (int column = 5; column < row.size(); column++) {
          words.append(',').append(row.text(column));
        }
        String key = "dmb_wr " + row.decimal(3) + " dmpu " + row.decimal(4);
        compareOne(row, key, words.toString(), result);
      } else {
        compareOne(row, event, Integer.toString(row.decimal(3)), result);
      }
    }
    for (Map.Entry<String, String> left : actual.entrySet()) {
      result.mismatch(
          0, "block " + expected.get(0).text(0) + " " + left.getKey(), "nothing", left.getValue());
    }
  }

  private void compareOne(GoldenTable.Row row, String key, String value, FileResult result) {
    String found = actual.remove(key);
    String what = "block " + row.text(0) + " " + key;
    result.compare(row.line(), what, value, found == null ? "nothing" : found);
  }
}
