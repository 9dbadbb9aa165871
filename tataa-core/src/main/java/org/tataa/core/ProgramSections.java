package org.tataa.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.forward.Milestones;
import org.tataa.isa.Bank;
import org.tataa.isa.BufferStore;
import org.tataa.isa.Instruction;
import org.tataa.isa.LoadM;
import org.tataa.isa.LoadV;
import org.tataa.isa.MatMul;
import org.tataa.isa.Operand;
import org.tataa.isa.Program;
import org.tataa.isa.Store;
import org.tataa.isa.VectorOp;
import org.tataa.memory.OutputPort;
import org.tataa.observe.ArrayMode;
import org.tataa.observe.Counters;
import org.tataa.observe.InstructionStats;
import org.tataa.observe.SectionListener;

/**
 * Tells apart what the sections of a program cost, which run into each other: a section has the
 * cycles after the last instruction of the one before was accepted until its own last one was, and
 * the work of its own instructions, whenever it is done.
 */
final class ProgramSections implements Milestones {
  private static final int NONE = Integer.MAX_VALUE;

  private final Counters counters;
  private final OutputPort output;
  private int[] starts = {};
  private final List<Counters> reached = new ArrayList<>();
  private @Nullable SectionListener listener;
  private int next = NONE;

  /** No program is cut. */
  ProgramSections(Counters counters, OutputPort output) {
    this.counters = counters;
    this.output = output;
  }

  void clear() {
    cut(new int[] {0}, null);
  }

  /** Cuts the program that was loaded, before its first cycle. */
  void cut(int[] newStarts, @Nullable SectionListener newListener) {
    starts = newStarts;
    listener = newListener;
    reached.clear();
    Counters before = new Counters();
    before.copyFrom(counters);
    reached.add(before);
    next = starts.length > 1 ? starts[1] : NONE;
  }

  @Override
  public int next() {
    return next;
  }

  @Override
  public void reach() {
    Counters now = new Counters();
    now.copyFrom(counters);
    reached.add(now);
    next = reached.size() < starts.length ? starts[reached.size()] : NONE;
    if (listener != null) {
      listener.onAccepted(reached.size() - 2, stored());
    }
  }

  private int stored() {
    int unsent = output.incomplete();
    int stored = reached.size() - 1;
    while (unsent >= 0 && stored > 0 && starts[stored] > unsent) {
      stored--;
    }
    return stored;
  }

  /** Counters of every section; the program has ended. */
  List<Counters> costs(TataaConfig config, Program program, InstructionStats stats) {
    if (starts.length == 1) {
      return List.of(counters.since(reached.get(0)));
    }
    List<Counters> costs = new ArrayList<>();
    ArrayMode mode = ArrayMode.INT8;
    for (int section = 0; section < starts.length; section++) {
      boolean isLast = section + 1 == starts.length;
      Counters end = isLast ? counters : reached.get(section + 1);
      Counters cost = end.since(reached.get(section)).timeOnly();
      int to = isLast ? program.size() : starts[section + 1];
      for (int i = starts[section]; i < to; i++) {
        Instruction instruction = program.instruction(i);
        ArrayMode wanted = mode(instruction, mode);
        if (wanted != mode) {
          cost.countModeSwitch();
          mode = wanted;
        }
        count(cost, config, instruction, i, stats);
      }
      costs.add(cost);
    }
    return costs;
  }

  // What the array computes after an instruction.
  private static ArrayMode mode(Instruction instruction, ArrayMode before) {
    if (instruction instanceof MatMul) {
      return ArrayMode.INT8;
    }
    return instruction instanceof VectorOp op
        ? op.op().isMultiplyType() ? ArrayMode.MULTIPLY : ArrayMode.ADD
        : before;
  }

  private static void count(
      Counters cost,
      TataaConfig config,
      Instruction instruction,
      int index,
      InstructionStats stats) {
    if (instruction instanceof VectorOp) {
      cost.countVectorOperation(config.geometry().lanes());
    } else if (instruction instanceof MatMul product) {
      cost.countMacs((long) config.macsPerCycle() * product.depth());
      cost.countReadouts(
          stats.readouts(index), stats.wraps(index), stats.borrows(index), stats.maxAbsSum(index));
    } else if (instruction instanceof BufferStore store) {
      cost.countStored(store instanceof Store toMemory ? toMemory.bytes() : 0);
      cost.countRequantised(stats.saturations(index), stats.nans(index));
    } else if (instruction instanceof LoadV load) {
      countLoaded(cost, load.bank() == Bank.A, load.bytes());
    } else if (instruction instanceof LoadM load) {
      countLoaded(cost, load.operand() == Operand.X, load.bytes());
    }
  }

  private static void countLoaded(Counters cost, boolean isX, int bytes) {
    if (isX) {
      cost.countLoadedX(bytes);
    } else {
      cost.countLoadedY(bytes);
    }
  }
}
