package org.tataa.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.ConfigConst;
import org.tataa.isa.ConfigScale;
import org.tataa.isa.Halt;
import org.tataa.isa.Instruction;
import org.tataa.isa.InstructionCodec;
import org.tataa.isa.Program;
import org.tataa.isa.Store;
import org.tataa.isa.StoreMode;
import org.tataa.isa.StoreSlots;
import org.tataa.isa.VectorOp;
import org.tataa.isa.WordTable;
import org.tataa.tensor.Scale;

/**
 * The instructions of a program as they are emitted, with what the machine's constant registers and
 * scale hold. Equal vector operations are one object.
 */
final class Instructions {
  private final List<Instruction> list = new ArrayList<>();
  private final WordTable<VectorOp> known = new WordTable<>();
  private final TataaConfig config;
  private final int[] constants;
  private final long[] constantUse;
  private Scale scale = Scale.ONE;
  private boolean scaleIsKnown;
  private final boolean areKept;
  private long clock;

  Instructions(TataaConfig config) {
    this(config, true);
  }

  private Instructions(TataaConfig config, boolean areKept) {
    this.config = config;
    this.areKept = areKept;
    constants = new int[config.buffers().constants()];
    constantUse = new long[constants.length];
    Arrays.fill(constants, -1);
  }

  /** Instructions of an order that is only tried: none need be added. */
  static Instructions dropped(TataaConfig config) {
    return new Instructions(config, false);
  }

  /** Whether instructions matter. */
  boolean areKept() {
    return areKept;
  }

  void add(Instruction instruction) {
    list.add(instruction);
  }

  void add(VectorOp op) {
    long word = InstructionCodec.encode(op);
    VectorOp equal = known.get(word);
    if (equal == null) {
      known.put(word, op);
    }
    list.add(equal == null ? op : equal);
  }

  int size() {
    return list.size();
  }

  /** The register that holds a constant; the one not used for longest makes room. */
  int constant(int bits) {
    clock++;
    int oldest = 0;
    for (int i = 0; i < constants.length; i++) {
      if (constants[i] == bits) {
        constantUse[i] = clock;
        return i;
      }
      oldest = constantUse[i] < constantUse[oldest] ? i : oldest;
    }
    constants[oldest] = bits;
    constantUse[oldest] = clock;
    list.add(new ConfigConst(oldest, bits));
    return oldest;
  }

  /** Stores words of all DMPUs, setting the scale if it must change. */
  void store(StoreMode mode, Scale wanted, boolean transpose, int words, long address) {
    if (mode != StoreMode.BF16_TO_BF16) {
      scale(wanted);
    }
    list.add(new Store(mode, transpose, words, address, words * mode.wordBytes(config.geometry())));
  }

  /** Stores sums of all DMPUs in slots, as bfloat16, setting the scale if it must change. */
  void forward(Scale wanted, Bank bank, int slot, int words) {
    scale(wanted);
    list.add(new StoreSlots(StoreMode.ACC_TO_BF16, bank, slot, words));
  }

  private void scale(Scale wanted) {
    if (!(scaleIsKnown && scale.equals(wanted))) {
      scale = wanted;
      scaleIsKnown = true;
      list.add(new ConfigScale(wanted.mantissa(), wanted.rightShift()));
    }
  }

  /** Takes back what was emitted after a size; constants are set anew where needed. */
  void truncate(int size) {
    list.subList(size, list.size()).clear();
    Arrays.fill(constants, -1);
    scaleIsKnown = false;
  }

  /** The program; nothing is known of registers afterwards, and the next is as if it were first. */
  Program finish() {
    list.add(new Halt());
    Program program = Program.of(list);
    list.clear();
    Arrays.fill(constants, -1);
    Arrays.fill(constantUse, 0);
    scaleIsKnown = false;
    return program;
  }
}
