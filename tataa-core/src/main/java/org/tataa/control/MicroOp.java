package org.tataa.control;

import org.tataa.config.TataaConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.BufferStore;
import org.tataa.isa.ConfigConst;
import org.tataa.isa.ConfigScale;
import org.tataa.isa.Halt;
import org.tataa.isa.Instruction;
import org.tataa.isa.LoadM;
import org.tataa.isa.LoadV;
import org.tataa.isa.MatMul;
import org.tataa.isa.Operand;
import org.tataa.isa.Store;
import org.tataa.isa.StoreSlots;
import org.tataa.isa.VectorOp;
import org.tataa.memory.ExternalMemory;
import org.tataa.observe.InstructionKind;
import org.tataa.observe.UnitKind;

/**
 * An instruction as the controller of one machine has decoded it: which unit it is for, which
 * storage it touches, and where its addresses lie in the memory behind both windows. Fields are
 * written while it is decoded and never after; those an instruction does not have are 0, slots it
 * does not use -1.
 */
public final class MicroOp {
  /** What the controller does with it. */
  public enum Kind {
    /** Nothing. */
    NOP,
    /** Takes the scale. */
    SCALE,
    /** Takes a constant. */
    CONSTANT,
    /** Ends the program. */
    HALT,
    /** LOAD.M of an RFX tile. */
    LOAD_TILE_X,
    /** LOAD.M of an RFY tile. */
    LOAD_TILE_Y,
    /** LOAD.V. */
    LOAD_VECTOR,
    /** MATMUL. */
    MATMUL,
    /** A vector operation. */
    VECTOR,
    /** STORE, to memory or to slots. */
    STORE
  }

  final Instruction instruction;
  final InstructionKind counted;

  /** Why it cannot run on this machine whatever its state, or empty. */
  final String problem;

  Kind kind = Kind.NOP;
  UnitKind unit = UnitKind.EXEC;

  /** First byte of a load or store in the memory behind both windows. */
  int address;

  /** Bytes of a load or store, whatever the store fills. */
  int bytes;

  /** Words of a tile, vectors of a load, depth of a MATMUL, words a STORE pops from each DMB. */
  int words;

  /** Tile or bank a load fills; Y tile of a MATMUL. */
  int tile;

  /** X tile of a MATMUL. */
  int xTile;

  /** First slot a vector load fills. */
  int slot;

  /** Whether a MATMUL drains. */
  boolean drain;

  /** Whether a MATMUL clears. */
  boolean clear;

  /** Whether a vector operation is of multiply type. */
  boolean multiplyType;

  /** Slot of bank A a vector operation reads. */
  int readA = -1;

  /** Slot of bank B a vector operation reads. */
  int readB = -1;

  /** Bank a vector operation or a STORE.S writes. */
  int destBank = -1;

  /** Slot a vector operation writes, or the first one a STORE.S does. */
  int destSlot = -1;

  /** Slots a STORE.S fills; 0 for a STORE to memory. */
  int slots;

  /** Constant register an operation uses or CONFIG.CONST sets. */
  int constant;

  /**
   * Decodes an instruction.
   *
   * @param problem why it cannot run on this machine, or empty
   */
  MicroOp(Instruction instruction, String problem, TataaConfig config, ExternalMemory memory) {
    this.instruction = instruction;
    this.problem = problem;
    counted = InstructionKind.of(instruction);
    if (instruction instanceof VectorOp op) {
      vector(op);
    } else if (instruction instanceof MatMul matmul) {
      kind = Kind.MATMUL;
      xTile = matmul.xTile();
      tile = matmul.yTile();
      words = matmul.depth();
      drain = matmul.drain();
      clear = matmul.clear();
    } else if (instruction instanceof LoadM load) {
      boolean x = load.operand() == Operand.X;
      kind = x ? Kind.LOAD_TILE_X : Kind.LOAD_TILE_Y;
      unit = x ? UnitKind.LOAD_X : UnitKind.LOAD_Y;
      tile = load.tile();
      words = load.depth();
      locate(memory, x, load.address(), load.bytes());
    } else if (instruction instanceof LoadV load) {
      boolean a = load.bank() == Bank.A;
      kind = Kind.LOAD_VECTOR;
      unit = a ? UnitKind.LOAD_X : UnitKind.LOAD_Y;
      tile = load.bank().ordinal();
      slot = load.slot();
      words = load.bytes() / config.geometry().vectorBytes();
      locate(memory, a, load.address(), load.bytes());
    } else if (instruction instanceof Store store) {
      kind = Kind.STORE;
      unit = UnitKind.STORE;
      words = store.words() / config.geometry().dmpus();
      locate(memory, false, store.address(), store.bytes());
    } else if (instruction instanceof StoreSlots store) {
      kind = Kind.STORE;
      unit = UnitKind.STORE;
      words = store.words() / config.geometry().dmpus();
      bytes = store.words() * store.mode().wordBytes(config.geometry());
      destBank = store.bank().ordinal();
      destSlot = store.slot();
      slots = bytes / config.geometry().vectorBytes();
    } else if (instruction instanceof ConfigScale) {
      kind = Kind.SCALE;
      unit = UnitKind.STORE;
    } else if (instruction instanceof ConfigConst value) {
      kind = Kind.CONSTANT;
      constant = value.index();
    } else if (instruction instanceof Halt) {
      kind = Kind.HALT;
    }
  }

  private void vector(VectorOp op) {
    kind = Kind.VECTOR;
    multiplyType = op.op().isMultiplyType();
    readA = op.readsA() ? op.slotA() : -1;
    readB = op.readsB() ? op.slotB() : -1;
    destBank = op.writeBack() ? op.destBank().ordinal() : -1;
    destSlot = op.writeBack() ? op.destSlot() : -1;
    constant = op.constant();
  }

  private void locate(ExternalMemory memory, boolean x, long from, int length) {
    bytes = length;
    if (problem.isEmpty()) {
      address = memory.locate(x ? ExternalMemory.Space.X : ExternalMemory.Space.YZ, from, length);
    }
  }

  /** A vector operation. */
  VectorOp vector() {
    return (VectorOp) instruction;
  }

  /** A STORE. */
  BufferStore store() {
    return (BufferStore) instruction;
  }

  /** What the controller does with it. */
  public Kind kind() {
    return kind;
  }

  /** The unit that waits while it cannot be accepted. */
  public UnitKind unit() {
    return unit;
  }

  @Override
  public String toString() {
    return instruction.toString();
  }
}
