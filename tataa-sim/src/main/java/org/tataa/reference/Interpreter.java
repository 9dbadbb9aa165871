package org.tataa.reference;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.tataa.config.AccumulatorKind;
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
import org.tataa.isa.Program;
import org.tataa.isa.Store;
import org.tataa.isa.StoreSlots;
import org.tataa.isa.VectorOp;

/**
 * The instruction set without a clock: executes instructions one after the other on plain arrays.
 *
 * <p>Written independently of the clocked core, arithmetic included ({@link ReferenceArithmetic}),
 * so that both can be compared: whatever the hazards of a program, its final memory must be the
 * same.
 */
public final class Interpreter {
  private enum Content {
    EMPTY,
    MATRIX,
    VECTOR
  }

  private final TataaConfig config;
  private final ReferenceArithmetic arithmetic;
  private final byte[] memory;
  private final int rows;
  private final int outputs;
  private final int columns;
  private final int dmpus;
  private final byte[][] tilesX;
  private final byte[][] tilesY;
  private final int[][][] vectors;
  private final Content[][] content;
  private final long[][] sums;
  private final int[] constants = new int[8];
  private final List<Deque<long[]>> buffers = new ArrayList<>();
  private boolean sumsOverwritten;
  private int mantissa = 1;
  private int rightShift;

  /** An interpreter with all state zero. */
  public Interpreter(TataaConfig config) {
    this.config = config;
    arithmetic = new ReferenceArithmetic(config.profiles().arithmetic());
    memory = new byte[config.memory().totalBytes()];
    rows = config.geometry().rows();
    outputs = config.geometry().outputs();
    columns = config.geometry().columns();
    dmpus = config.geometry().dmpus();
    int depth = config.buffers().tileDepth();
    int slots = config.buffers().vectorSlots();
    tilesX = new byte[2][depth * rows];
    tilesY = new byte[2][depth * outputs];
    vectors = new int[2][slots][config.geometry().lanes()];
    content = new Content[2][slots];
    Arrays.fill(content[0], Content.EMPTY);
    Arrays.fill(content[1], Content.EMPTY);
    sums = new long[rows][outputs];
    for (int dmpu = 0; dmpu < dmpus; dmpu++) {
      buffers.add(new ArrayDeque<>());
    }
  }

  /** The memory behind both address windows; not a copy. */
  public byte[] memory() {
    return memory;
  }

  /**
   * Executes a program to HALT or its end.
   *
   * @throws IllegalStateException naming the first instruction that misuses the machine
   */
  public void run(Program program) {
    for (int i = 0; i < program.size(); i++) {
      Instruction instruction = program.instruction(i);
      if (instruction instanceof Halt) {
        return;
      }
      String misuse = execute(instruction);
      if (!misuse.isEmpty()) {
        throw new IllegalStateException("instruction " + i + " `" + instruction + "`: " + misuse);
      }
    }
  }

  private String execute(Instruction instruction) {
    if (instruction instanceof ConfigScale scale) {
      mantissa = scale.mantissa();
      rightShift = scale.rightShift();
    } else if (instruction instanceof ConfigConst constant) {
      constants[constant.index()] = constant.value();
    } else if (instruction instanceof LoadM load) {
      return loadMatrix(load);
    } else if (instruction instanceof LoadV load) {
      return loadVector(load);
    } else if (instruction instanceof MatMul matmul) {
      return multiply(matmul);
    } else if (instruction instanceof VectorOp op) {
      return vector(op);
    } else if (instruction instanceof Store store) {
      return store(store);
    } else if (instruction instanceof StoreSlots store) {
      return storeSlots(store);
    }
    return "";
  }

  private int position(boolean x, long address) {
    return (x ? config.memory().xBase() : config.memory().yzBase()) + (int) address;
  }

  private boolean outside(boolean x, long address, int bytes) {
    return address + bytes > (x ? config.memory().xBytes() : config.memory().yzBytes());
  }

  private String loadMatrix(LoadM load) {
    boolean x = load.operand() == Operand.X;
    int word = x ? rows : outputs;
    if (load.bytes() != word * load.depth() || outside(x, load.address(), load.bytes())) {
      return "bytes or address out of range";
    }
    byte[] tile = (x ? tilesX : tilesY)[load.tile()];
    System.arraycopy(memory, position(x, load.address()), tile, 0, load.bytes());
    for (int slot = 0; !x && slot < Math.min(load.depth(), content[0].length); slot++) {
      content[load.tile()][slot] = Content.MATRIX;
    }
    return "";
  }

  private String loadVector(LoadV load) {
    boolean x = load.bank() == Bank.A;
    int lanes = config.geometry().lanes();
    int count = load.bytes() / (2 * lanes);
    if (load.bytes() != 2 * lanes * count
        || count < 1
        || count > config.memory().vectorsPerLoad(2 * lanes)
        || load.slot() + count > content[0].length
        || outside(x, load.address(), load.bytes())) {
      return "bytes or address out of range";
    }
    int bank = x ? 0 : 1;
    for (int slot = load.slot(); slot < load.slot() + count; slot++) {
      int from = position(x, load.address()) + (slot - load.slot()) * 2 * lanes;
      for (int lane = 0; lane < lanes; lane++) {
        vectors[bank][slot][lane] =
            (memory[from + 2 * lane] & 0xff) + 256 * (memory[from + 2 * lane + 1] & 0xff);
      }
      content[bank][slot] = Content.VECTOR;
    }
    return "";
  }

  // A sum is what the accumulator of one PE or output holds: for packed kinds the 48-bit register
  // of
  // a column (in its low output), for INT32 each exact sum.
  private String multiply(MatMul matmul) {
    for (int slot = 0; slot < Math.min(matmul.depth(), content[0].length); slot++) {
      if (content[matmul.yTile()][slot] == Content.VECTOR) {
        return "Y word " + slot + " holds a vector";
      }
    }
    if (!matmul.clear() && sumsOverwritten) {
      return "partial sums were overwritten by a vector operation";
    }
    sumsOverwritten = false;
    byte[] x = tilesX[matmul.xTile()];
    byte[] y = tilesY[matmul.yTile()];
    boolean exact = config.profiles().accumulator() == AccumulatorKind.INT32;
    for (int row = 0; row < rows; row++) {
      for (int output = 0; output < outputs; output += exact ? 1 : 2) {
        long sum = matmul.clear() ? 0 : sums[row][output];
        for (int k = 0; k < matmul.depth(); k++) {
          int activation = x[k * rows + (rows - 1 - row)];
          int weight = y[k * outputs + output];
          if (exact) {
            sum += (long) activation * weight;
          } else {
            long packed = y[k * outputs + output + 1] * (1L << 19) + weight;
            sum =
                ReferenceArithmetic.wrap(
                    sum + ReferenceArithmetic.wrap(packed, 27) * activation, 48);
          }
        }
        sums[row][output] = sum;
      }
    }
    return matmul.drain() ? drain(exact) : "";
  }

  private String drain(boolean exact) {
    for (int dmpu = 0; dmpu < dmpus; dmpu++) {
      if (buffers.get(dmpu).size() + 4 > config.buffers().dmbDepth()) {
        return "dual-mode buffers overflow";
      }
      for (int row = 4 * dmpu + 3; row >= 4 * dmpu; row--) {
        long[] word = new long[2 * columns];
        for (int column = 0; column < columns; column++) {
          if (exact) {
            int per = outputs / columns;
            word[2 * column] = (int) sums[row][per * column];
            word[2 * column + 1] = per == 2 ? (int) sums[row][2 * column + 1] : 0;
          } else {
            long register = sums[row][2 * column];
            boolean full = config.profiles().accumulator() == AccumulatorKind.PACKED_FULL;
            long low = ReferenceArithmetic.wrap(register, full ? 19 : 16);
            word[2 * column] = low;
            word[2 * column + 1] =
                full
                    ? ReferenceArithmetic.wrap(Math.floorDiv(register - low, 1L << 19), 29)
                    : ReferenceArithmetic.wrap(Math.floorDiv(register, 1L << 19), 16);
          }
        }
        buffers.get(dmpu).add(word);
      }
    }
    return "";
  }

  private String vector(VectorOp op) {
    if ((op.readsA() && content[0][op.slotA()] == Content.MATRIX)
        || (op.readsB() && content[1][op.slotB()] == Content.MATRIX)) {
      return "reads a slot that holds words of a Y tile";
    }
    sumsOverwritten = true;
    int lanes = config.geometry().lanes();
    int[] result = new int[lanes];
    for (int lane = 0; lane < lanes; lane++) {
      int a = vectors[0][op.slotA()][lane];
      int b = vectors[1][op.slotB()][lane];
      int c = constants[op.constant()];
      int first =
          switch (op.select()) {
            case A_B, A_A, A_NEG_B, A_C -> a;
            case B_B -> b;
            case NEG_A_C -> a ^ 0x8000;
            case C_B, C_NEG_B -> c;
          };
      int second =
          switch (op.select()) {
            case A_B, B_B, C_B -> b;
            case A_A -> a;
            case A_NEG_B, C_NEG_B -> b ^ 0x8000;
            case A_C, NEG_A_C -> c;
          };
      result[lane] = arithmetic.apply(op.op(), first, second);
    }
    if (op.writeBack()) {
      int bank = op.destBank() == Bank.A ? 0 : 1;
      vectors[bank][op.destSlot()] = result;
      content[bank][op.destSlot()] = Content.VECTOR;
      return "";
    }
    for (int dmpu = 0; dmpu < dmpus; dmpu++) {
      if (buffers.get(dmpu).size() == config.buffers().dmbDepth()) {
        return "dual-mode buffers overflow";
      }
      long[] word = new long[2 * columns];
      for (int column = 0; column < columns; column++) {
        word[2 * column] = result[dmpu * columns + column];
      }
      buffers.get(dmpu).add(word);
    }
    return "";
  }

  private String store(Store store) {
    int each = store.words() / dmpus;
    if (each * dmpus != store.words() || buffers.get(0).size() < each) {
      return "words do not fit what the dual-mode buffers hold";
    }
    if (outside(false, store.address(), store.bytes())) {
      return "address out of range";
    }
    List<byte[]> words = takeWords(store);
    int at = position(false, store.address());
    if (!store.transpose()) {
      for (byte[] word : words) {
        System.arraycopy(word, 0, memory, at, word.length);
        at += word.length;
      }
      return "";
    }
    for (int block = 0; block < words.size(); block += rows) {
      for (int beat = 0; beat < rows; beat++) {
        for (int i = 0; i < rows; i++) {
          memory[at++] = words.get(block + rows - 1 - i)[beat];
        }
      }
    }
    return "";
  }

  private List<byte[]> takeWords(BufferStore store) {
    List<byte[]> words = new ArrayList<>();
    for (int dmpu = 0; dmpu < dmpus; dmpu++) {
      for (int i = 0; i < store.words() / dmpus; i++) {
        words.add(convert(store, buffers.get(dmpu).remove()));
      }
    }
    return words;
  }

  // The bytes of all words, one after the other, are those of consecutive slots.
  private String storeSlots(StoreSlots store) {
    int lanes = config.geometry().lanes();
    int bytes = store.words() * store.mode().wordBytes(config.geometry());
    int bank = store.bank() == Bank.A ? 0 : 1;
    if (!config.resultPath()
        || store.words() % dmpus != 0
        || buffers.get(0).size() < store.words() / dmpus
        || bytes % (2 * lanes) != 0
        || store.slot() + bytes / (2 * lanes) > content[bank].length) {
      return "no result path, or words or slots out of range";
    }
    int lane = 0;
    for (byte[] word : takeWords(store)) {
      for (int i = 0; i < word.length; i += 2) {
        int slot = store.slot() + lane / lanes;
        vectors[bank][slot][lane % lanes] = (word[i] & 0xff) + 256 * (word[i + 1] & 0xff);
        content[bank][slot] = Content.VECTOR;
        lane++;
      }
    }
    return "";
  }

  private byte[] convert(BufferStore store, long[] word) {
    boolean sumsIn = store.mode().fromSums();
    int count = sumsIn ? outputs : columns;
    int per = sumsIn ? outputs / columns : 1;
    boolean wide = !store.mode().toInt8();
    byte[] bytes = new byte[wide ? 2 * count : outputs];
    boolean narrow = config.profiles().accumulator() == AccumulatorKind.PACKED_INT16;
    for (int i = 0; i < count; i++) {
      long value = word[2 * (i / per) + i % per];
      if (narrow) {
        value = ReferenceArithmetic.wrap(value, 16);
      }
      int bits = (int) value & 0xffff;
      int result =
          switch (store.mode()) {
            case ACC_TO_INT8 -> arithmetic.accToInt8(value, mantissa, rightShift);
            case ACC_TO_BF16 -> arithmetic.accToBf16(value, mantissa, rightShift);
            case BF16_TO_INT8 -> arithmetic.bf16ToInt8(bits, mantissa, rightShift);
            case BF16_TO_BF16 -> bits;
          };
      if (wide) {
        bytes[2 * i] = (byte) result;
        bytes[2 * i + 1] = (byte) (result >> 8);
      } else {
        bytes[i] = (byte) result;
      }
    }
    return bytes;
  }
}
