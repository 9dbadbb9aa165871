package org.tataa.compiler;

import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.Instruction;
import org.tataa.isa.LoadM;
import org.tataa.isa.LoadV;
import org.tataa.isa.MatMul;
import org.tataa.isa.Operand;
import org.tataa.isa.Program;
import org.tataa.isa.Store;
import org.tataa.isa.StoreSlots;
import org.tataa.isa.VectorOp;
import org.tataa.observe.UnitKind;

/**
 * What programs need of each unit of a core if nothing ever waited, in cycles (timing.md).
 *
 * @param array products (depth and what a block takes besides: 60 cycles of the prototype, 4 more
 *     to drain it) and vector operations, one each
 * @param xBeats beats read by the X port
 * @param yBeats beats read by the Y port
 * @param outputBeats beats written
 * @param instructions instructions, one a cycle
 * @param loaded bytes read
 * @param stored bytes written
 * @param traffic what they read and write of the on-chip memories
 */
public record ProgramBound(
    long array,
    long xBeats,
    long yBeats,
    long outputBeats,
    long instructions,
    long loaded,
    long stored,
    ProgramTraffic traffic) {
  /** What programs need, and who gives it. */
  public enum Unit {
    /** The PE array, in either mode. */
    ARRAY(UnitKind.EXEC, "array"),
    /** Reads of the X port. */
    LOAD_X(UnitKind.LOAD_X, "X beats"),
    /** Reads of the YZ port. */
    LOAD_Y(UnitKind.LOAD_Y, "Y beats"),
    /** Writes of the YZ port. */
    OUTPUT(UnitKind.OUTPUT, "output beats"),
    /** The controller, which issues one instruction a cycle. */
    ISSUE(UnitKind.CONTROLLER, "issue slots");

    private final UnitKind unit;
    private final String text;

    Unit(UnitKind unit, String text) {
      this.unit = unit;
      this.text = text;
    }

    /** The unit of the core. */
    public UnitKind unit() {
      return unit;
    }

    /** Two words for reports. */
    public String text() {
      return text;
    }
  }

  /** Nothing. */
  public static final ProgramBound NONE =
      new ProgramBound(0, 0, 0, 0, 0, 0, 0, ProgramTraffic.NONE);

  /** What some programs need together. */
  public static ProgramBound of(TataaConfig config, List<Program> programs) {
    long array = 0;
    long x = 0;
    long y = 0;
    long loaded = 0;
    int beat = config.memory().portBytes();
    int vectorMove = beat * config.memory().vectorLoadBeats();
    long stored = 0;
    long output = 0;
    long instructions = 0;
    TimingConfig timing = config.timing();
    long block = (long) timing.startLatency() + timing.matmulTail() + timing.busyClearLatency();
    for (Program program : programs) {
      instructions += program.size();
      for (int i = 0; i < program.size(); i++) {
        Instruction instruction = program.instruction(i);
        if (instruction instanceof MatMul product) {
          array += product.depth() + block + (product.drain() ? timing.drainCycles() : 0);
        } else if (instruction instanceof VectorOp) {
          array++;
        } else if (instruction instanceof LoadM load) {
          loaded += load.bytes();
          x += load.operand() == Operand.X ? load.bytes() / beat : 0;
          y += load.operand() == Operand.Y ? load.bytes() / beat : 0;
        } else if (instruction instanceof LoadV load) {
          int moves = (load.bytes() + vectorMove - 1) / vectorMove;
          loaded += load.bytes();
          x += load.bank() == Bank.A ? moves : 0;
          y += load.bank() == Bank.B ? moves : 0;
        } else if (instruction instanceof Store store) {
          stored += store.bytes();
          output += store.bytes() / beat;
        } else if (instruction instanceof StoreSlots store) {
          output += store.words() * store.mode().wordBytes(config.geometry()) / beat;
        }
      }
    }
    ProgramTraffic traffic = ProgramTraffic.of(config, programs);
    return new ProgramBound(array, x, y, output, instructions, loaded, stored, traffic);
  }

  /** What these programs and others need together. */
  public ProgramBound plus(ProgramBound other) {
    return new ProgramBound(
        array + other.array,
        xBeats + other.xBeats,
        yBeats + other.yBeats,
        outputBeats + other.outputBeats,
        instructions + other.instructions,
        loaded + other.loaded,
        stored + other.stored,
        traffic.plus(other.traffic));
  }

  /** Cycles of one unit. */
  public long cycles(Unit unit) {
    return switch (unit) {
      case ARRAY -> array;
      case LOAD_X -> xBeats;
      case LOAD_Y -> yBeats;
      case OUTPUT -> outputBeats;
      case ISSUE -> instructions;
    };
  }

  /** The unit that needs most cycles; of several the first. */
  public Unit unit() {
    Unit most = Unit.ARRAY;
    for (Unit unit : Unit.values()) {
      most = cycles(unit) > cycles(most) ? unit : most;
    }
    return most;
  }

  /** Least cycles: those of the unit that needs most. */
  public long cycles() {
    return cycles(unit());
  }
}
