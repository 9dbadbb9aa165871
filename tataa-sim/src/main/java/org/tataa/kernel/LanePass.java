package org.tataa.kernel;

import java.util.ArrayList;
import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.function.LaneProgram;
import org.tataa.isa.Bank;
import org.tataa.isa.OperandSelect;
import org.tataa.isa.ProgramBuilder;

/**
 * Emits one pass over a matrix of blocks ({@link BlockForm}): every block is loaded, a lane program
 * computed on its eight vectors, the result stored. The loads of the next block overlap the
 * operations of this one where the registers allow it.
 */
public final class LanePass {
  /** What an operand's values depend on. */
  public enum Kind {
    /** On token and feature: blocks {@code [token block][feature block]}. */
    MATRIX,
    /** On the feature: {@link BlockForm#featureVectors} vectors per feature block. */
    FEATURE,
    /** On the token: {@link BlockForm#tokenVectors} vectors per token block. */
    TOKEN
  }

  /**
   * An operand.
   *
   * @param kind what it depends on
   * @param address of its first vector
   * @param share for MATRIX: consecutive feature blocks that read the same block
   */
  public record Operand(Kind kind, long address, int share) {
    /** An operand with a block for every block. */
    public Operand(Kind kind, long address) {
      this(kind, address, 1);
    }
  }

  /** Where results go. */
  public sealed interface Target permits Blocks, Words, Rows {}

  /** bfloat16 blocks {@code [token block][feature block]} in the exchanged form. */
  public record Blocks(long address) implements Target {}

  /**
   * int8 words, one per feature with the tokens of a block as bytes; from an exchanged TOKENS form.
   * A store writes 16 zero words behind its result, so there must be 16 words behind the last one.
   *
   * @param address word of feature 0 of token block 0
   * @param stride bytes from a token block to the next
   */
  public record Words(long address, long stride) implements Target {}

  /**
   * int8 words, one per token with 32 features as bytes (byte i is feature {@link
   * BlockForm#tokenOfBeat tokenOfBeat}(i)), as {@code [feature block][token]}; from an exchanged
   * FEATURES form. 16 words behind the last one are overwritten.
   */
  public record Rows(long address) implements Target {}

  private static final int WORD = BlockForm.SIZE;

  private final TataaConfig config;
  private final ProgramBuilder program;
  private final VectorEmitter emitter;
  private final int[] constants;
  private final long[] constantUse;
  private long clock;

  /**
   * A pass that appends to a program.
   *
   * @throws IllegalArgumentException if the machine does not have blocks of 32 x 32
   */
  public LanePass(TataaConfig config, ProgramBuilder program) {
    if (config.geometry().dmpus() != BlockForm.VECTORS
        || config.geometry().rows() != BlockForm.SIZE
        || config.geometry().outputs() != BlockForm.SIZE) {
      throw new IllegalArgumentException(
          "blocks of 32 x 32 on 8 DMPUs are needed, found "
              + config.geometry().rows()
              + " x "
              + config.geometry().outputs()
              + " on "
              + config.geometry().dmpus());
    }
    this.config = config;
    this.program = program;
    emitter = new VectorEmitter(config, program);
    constants = new int[config.buffers().constants()];
    constantUse = new long[constants.length];
    java.util.Arrays.fill(constants, -1);
  }

  /**
   * Emits a pass.
   *
   * @param form form of the operands
   * @param tokenBlocks number of token blocks
   * @param featureBlocks number of feature blocks
   * @throws IllegalArgumentException if the program needs more registers than there are
   */
  public void emit(
      LaneProgram lanes,
      BlockForm form,
      List<Operand> operands,
      int tokenBlocks,
      int featureBlocks,
      Target target) {
    if (!(target instanceof Blocks) && !form.isExchanged()) {
      throw new IllegalArgumentException(form + " operands cannot be stored as int8 words");
    }
    LaneRegisters registers =
        registers(config, lanes, form, operands.stream().map(Operand::kind).toList());
    boolean isDouble =
        registers.inputs.stream().allMatch(input -> input.isPinned || input.slots.length == 2);
    if (!(target instanceof Blocks)) {
      program.configScale(1, 0);
    }
    int turn = 0;
    int total = tokenBlocks * featureBlocks;
    for (int block = 0; block < total; block++, turn++) {
      int featureBlock = block / tokenBlocks;
      int tokenBlock = block % tokenBlocks;
      if (tokenBlock == 0) {
        load(registers, operands, true, 0, featureBlock, featureBlocks, 0);
      }
      if (block == 0 || !isDouble) {
        load(registers, operands, false, tokenBlock, featureBlock, featureBlocks, turn);
      }
      emitter.flushLoads();
      if (isDouble && block + 1 < total) {
        load(
            registers,
            operands,
            false,
            (block + 1) % tokenBlocks,
            (block + 1) / tokenBlocks,
            featureBlocks,
            turn + 1);
      }
      long blockNumber = (long) tokenBlock * featureBlocks + featureBlock;
      compute(registers, turn);
      Step last = new Step(registers.steps.get(registers.steps.size() - 1), turn);
      if (target instanceof Blocks blocks) {
        for (int vector = 0; vector < BlockForm.VECTORS; vector++) {
          operation(last, vector);
        }
        emitter.flushLoads();
        emitter.store(BlockForm.VECTORS, blocks.address() + blockNumber * BlockForm.BYTES);
      } else {
        long address =
            target instanceof Words words
                ? words.address()
                    + tokenBlock * words.stride()
                    + (long) featureBlock * WORD * BlockForm.SIZE
                : ((Rows) target).address()
                    + ((long) featureBlock * tokenBlocks + tokenBlock) * WORD * BlockForm.SIZE;
        for (int half = 0; half < 2; half++) {
          for (int quarter = 3; quarter >= 0; quarter--) {
            operation(last, 2 * quarter + half);
          }
          if (half == 1) {
            emitter.flushLoads();
          }
          emitter.storeInt8(4, true, address + (long) half * WORD * BlockForm.SIZE / 2);
        }
      }
    }
  }

  /** Whether the registers of a machine suffice for a program. */
  public static boolean fits(
      TataaConfig config, LaneProgram lanes, BlockForm form, List<Kind> kinds) {
    try {
      registers(config, lanes, form, kinds);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static LaneRegisters registers(
      TataaConfig config, LaneProgram lanes, BlockForm form, List<Kind> kinds) {
    List<Integer> widths = new ArrayList<>();
    List<Boolean> pinned = new ArrayList<>();
    for (Kind kind : kinds) {
      widths.add(width(kind, form));
      pinned.add(kind == Kind.FEATURE);
    }
    return LaneRegisters.allocate(lanes, widths, pinned, config.buffers().vectorSlots());
  }

  /** Different vectors an operand has per block. */
  public static int width(Kind kind, BlockForm form) {
    return switch (kind) {
      case MATRIX -> BlockForm.VECTORS;
      case FEATURE -> form.featureVectors();
      case TOKEN -> form.tokenVectors();
    };
  }

  private void load(
      LaneRegisters registers,
      List<Operand> operands,
      boolean pinned,
      int tokenBlock,
      int featureBlock,
      int featureBlocks,
      int turn) {
    int vectorBytes = config.geometry().vectorBytes();
    for (int i = 0; i < operands.size(); i++) {
      LaneRegisters.Home home = registers.inputs.get(i);
      if (home.isPinned != pinned) {
        continue;
      }
      long number =
          switch (operands.get(i).kind()) {
            case MATRIX ->
                ((long) tokenBlock * featureBlocks + featureBlock) / operands.get(i).share();
            case FEATURE -> featureBlock;
            case TOKEN -> tokenBlock;
          };
      long address = operands.get(i).address() + number * home.width * vectorBytes;
      int[] slots = home.slots[turn % home.slots.length];
      for (int vector = 0; vector < home.width; vector++) {
        emitter.prefetch(
            new VectorEmitter.Reg(home.bank, slots[vector]), address + (long) vector * vectorBytes);
      }
    }
  }

  private record Step(LaneRegisters.Step step, int turn) {}

  private void compute(LaneRegisters registers, int turn) {
    for (int i = 0; i + 1 < registers.steps.size(); i++) {
      Step step = new Step(registers.steps.get(i), turn);
      for (int vector = 0; vector < BlockForm.VECTORS; vector++) {
        operation(step, vector);
      }
    }
  }

  private void operation(Step at, int vector) {
    LaneRegisters.Step step = at.step();
    LaneRegisters.Home first = step.first();
    LaneRegisters.Home second = step.second();
    LaneRegisters.Home result = step.result();
    VectorEmitter.Reg to =
        result == null ? null : new VectorEmitter.Reg(result.bank, result.slot(vector, at.turn()));
    if (first != null && second != null && first != second) {
      boolean straight = first.bank == Bank.A;
      LaneRegisters.Home inA = straight ? first : second;
      LaneRegisters.Home inB = straight ? second : first;
      emitter.apply(
          step.op(),
          step.negateSecond() ? OperandSelect.A_NEG_B : OperandSelect.A_B,
          inA.slot(vector, at.turn()),
          inB.slot(vector, at.turn()),
          0,
          to);
      return;
    }
    LaneRegisters.Home operand = first != null ? first : second;
    if (operand == null) {
      throw new IllegalStateException("an operation without registers");
    }
    boolean inA = operand.bank == Bank.A;
    int slot = operand.slot(vector, at.turn());
    OperandSelect select;
    int constant = 0;
    if (first == second) {
      select = inA ? OperandSelect.A_A : OperandSelect.B_B;
    } else {
      constant = constant(step.constant());
      if (step.negateSecond()) {
        select = inA ? OperandSelect.NEG_A_C : OperandSelect.C_NEG_B;
      } else {
        select = inA ? OperandSelect.A_C : OperandSelect.C_B;
      }
    }
    emitter.apply(step.op(), select, inA ? slot : 0, inA ? 0 : slot, constant, to);
  }

  // The register that holds a constant; the one not used for longest makes room.
  private int constant(int bits) {
    int oldest = 0;
    clock++;
    for (int i = 0; i < constants.length; i++) {
      if (constants[i] == bits) {
        constantUse[i] = clock;
        return i;
      }
      if (constantUse[i] < constantUse[oldest]) {
        oldest = i;
      }
    }
    constants[oldest] = bits;
    constantUse[oldest] = clock;
    emitter.constant(oldest, bits);
    return oldest;
  }
}
