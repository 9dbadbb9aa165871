package org.tataa.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.config.MemoryConfig;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Bank;
import org.tataa.isa.OperandSelect;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.VectorOp;
import org.tataa.memory.ExternalMemory;
import org.tataa.numeric.LaneOp;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.UnitKind;
import org.tataa.sim.Engine;

/** Checks sequences of vector operations: start and capture cycles and all captured lanes. */
final class VectorCheck implements CoreObserver {
  private static final int LANES = 128;
  private static final int VECTOR_BYTES = 2 * LANES;

  private final Map<Integer, Long> starts = new LinkedHashMap<>();
  private final Map<Integer, Long> captures = new LinkedHashMap<>();
  private final Map<Integer, String> lanes = new LinkedHashMap<>();

  private VectorCheck() {}

  static FileResult check(GoldenTable inputs, GoldenTable trace, Engine engine) {
    FileResult result = new FileResult(trace.name());
    Map<Integer, List<GoldenTable.Row>> contents = bySequence(inputs);
    for (Map.Entry<Integer, List<GoldenTable.Row>> entry : bySequence(trace).entrySet()) {
      List<GoldenTable.Row> vectors = contents.get(entry.getKey());
      if (vectors == null) {
        throw entry.getValue().get(0).error("sequence has no vectors in " + inputs.name());
      }
      new VectorCheck().run(vectors, entry.getValue(), engine, result);
    }
    return result;
  }

  private static Map<Integer, List<GoldenTable.Row>> bySequence(GoldenTable table) {
    Map<Integer, List<GoldenTable.Row>> sequences = new LinkedHashMap<>();
    for (GoldenTable.Row row : table.rows()) {
      sequences.computeIfAbsent(row.decimal(0), key -> new ArrayList<>()).add(row);
    }
    return sequences;
  }

  private void run(
      List<GoldenTable.Row> vectors,
      List<GoldenTable.Row> operations,
      Engine engine,
      FileResult result) {
    TataaCore core =
        engine.core(
            TataaConfig.u280()
                .withCores(1)
                .withProfiles(Profiles.RELEASED)
                .withMemory(MemoryConfig.separate(1 << 16, 1 << 16)));
    ProgramBuilder program = new ProgramBuilder();
    int address = 0;
    for (GoldenTable.Row row : vectors) {
      Bank bank = row.decimal(1) == 0 ? Bank.A : Bank.B;
      ExternalMemory.Space space =
          bank == Bank.A ? ExternalMemory.Space.X : ExternalMemory.Space.YZ;
      core.memory().write(space, address, littleEndian(row.halfWords(3, LANES)));
      program.loadV(bank, row.decimal(2), address, VECTOR_BYTES);
      address += VECTOR_BYTES;
    }
    // Far more cycles than all loads take, so that spacing alone decides when operations start.
    program.nop(64 * vectors.size() + 64);
    int issued = 0;
    int offset = 0;
    List<Integer> indices = new ArrayList<>();
    for (GoldenTable.Row row : operations) {
      int start = row.decimal(9) - operations.get(0).decimal(9);
      if (issued > 0 && start <= offset) {
        throw row.error("operations must be in order of their start cycles");
      }
      program.nop(issued == 0 ? 0 : start - offset - 1);
      offset = start;
      indices.add(program.size());
      program.add(operation(row));
      issued++;
    }
    program.halt();
    core.load(program.build());
    core.observe(this);
    while (!core.isFinished()) {
      core.tick();
    }
    compare(operations, indices, result);
  }

  private static VectorOp operation(GoldenTable.Row row) {
    LaneOp op =
        switch (row.decimal(3)) {
          case 1 -> LaneOp.APP;
          case 2 -> LaneOp.MUL;
          case 3 -> LaneOp.ADD;
          default -> throw row.error("mode is " + row.text(3) + ", expected 1, 2 or 3");
        };
    return new VectorOp(
        op,
        OperandSelect.A_B,
        row.decimal(6),
        row.decimal(7),
        0,
        row.decimal(4) == 1,
        row.decimal(5) == 0 ? Bank.A : Bank.B,
        row.decimal(8));
  }

  private static byte[] littleEndian(int[] values) {
    byte[] bytes = new byte[2 * values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[2 * i] = (byte) values[i];
      bytes[2 * i + 1] = (byte) (values[i] >> 8);
    }
    return bytes;
  }

  @Override
  public void onStart(long cycle, int index, UnitKind unit) {
    if (unit == UnitKind.EXEC) {
      starts.put(index, cycle);
    }
  }

  @Override
  public void onVectorCapture(long cycle, int index, int[] result) {
    captures.put(index, cycle);
    StringBuilder text = new StringBuilder();
    for (int bits : result) {
      text.append(ArithmeticCheck.hex4(bits));
    }
    lanes.put(index, text.toString());
  }

  private void compare(List<GoldenTable.Row> operations, List<Integer> indices, FileResult result) {
    Long origin = starts.get(indices.get(0));
    for (int i = 0; i < operations.size(); i++) {
      GoldenTable.Row row = operations.get(i);
      result.line();
      int index = indices.get(i);
      String what = "sequence " + row.text(0) + " operation " + row.text(2);
      long base = (origin == null ? 0 : origin) - operations.get(0).decimal(9);
      result.compare(
          row.line(), what + " start", (long) row.decimal(9), relative(starts.get(index), base));
      result.compare(
          row.line(),
          what + " capture",
          (long) row.decimal(10),
          relative(captures.get(index), base));
      result.compare(row.line(), what + " lanes", row.text(11), String.valueOf(lanes.get(index)));
    }
  }

  private static long relative(@Nullable Long cycle, long base) {
    return cycle == null ? Long.MIN_VALUE : cycle - base;
  }
}
