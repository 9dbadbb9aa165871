package org.tataa.debug;

import java.util.BitSet;
import org.tataa.core.TataaCore;
import org.tataa.isa.MatMul;
import org.tataa.memory.RegisterFileX;
import org.tataa.memory.RegisterFileY;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.UnitKind;

/**
 * How much of the time the array is fed each PE multiplies something: operand words for which its
 * activation and at least one of its operands are not zero. Padding and zero codes make the rest.
 */
public final class PeActivity implements CoreObserver {
  private final TataaCore core;
  private final int rows;
  private final int columns;
  private final int outputs;
  private final long[] active;
  private final BitSet[] activations;
  private final BitSet[] operands;
  private long words;

  /** Counts for a core that this is set as the observer of. */
  public PeActivity(TataaCore core) {
    this.core = core;
    rows = core.config().geometry().rows();
    columns = core.config().geometry().columns();
    outputs = core.config().geometry().outputsPerColumn();
    active = new long[rows * columns];
    activations = new BitSet[rows];
    operands = new BitSet[columns];
    for (int row = 0; row < rows; row++) {
      activations[row] = new BitSet();
    }
    for (int column = 0; column < columns; column++) {
      operands[column] = new BitSet();
    }
  }

  // The operands of a block are in the register files when it starts, and stay until it has ended.
  @Override
  public void onStart(long cycle, int index, UnitKind unit) {
    if (core.controller().program().instruction(index) instanceof MatMul matmul) {
      add(matmul);
    }
  }

  private void add(MatMul matmul) {
    RegisterFileX x = core.registerFileX();
    RegisterFileY y = core.registerFileY();
    byte[] words = y.tile(matmul.yTile());
    int depth = matmul.depth();
    for (int row = 0; row < rows; row++) {
      activations[row].clear();
      for (int word = 0; word < depth; word++) {
        activations[row].set(word, x.operand(matmul.xTile(), word, row) != 0);
      }
    }
    for (int column = 0; column < columns; column++) {
      operands[column].clear();
      for (int word = 0; word < depth; word++) {
        int at = word * y.wordBytes() + outputs * column;
        operands[column].set(word, words[at] != 0 || (outputs == 2 && words[at + 1] != 0));
      }
    }
    this.words += depth;
    BitSet both = new BitSet();
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        both.clear();
        both.or(activations[row]);
        both.and(operands[column]);
        active[row * columns + column] += both.cardinality();
      }
    }
  }

  /** Operand words that were fed into the array, of all blocks. */
  public long words() {
    return words;
  }

  /** Words for which each PE had a product that is not zero, {@code [rows][columns]}. */
  public long[][] active() {
    long[][] view = new long[rows][columns];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(active, row * columns, view[row], 0, columns);
    }
    return view;
  }
}
