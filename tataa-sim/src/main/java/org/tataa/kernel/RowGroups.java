package org.tataa.kernel;

import java.util.ArrayList;
import java.util.List;
import org.tataa.config.TataaConfig;

/**
 * Rows of a matrix spread over cores and lanes for lane-parallel work: a vector holds one feature
 * (column) of up to {@code lanes} rows (architecture.md, feature-major).
 */
final class RowGroups {
  /** Consecutive rows that share their vectors on one core. */
  record Group(int core, int firstRow, int rows) {}

  private final int lanes;
  private final List<Group> groups = new ArrayList<>();

  /** All rows, spread evenly over the cores. */
  RowGroups(TataaConfig config, int rows) {
    lanes = config.geometry().lanes();
    for (int core = 0; core < config.cores(); core++) {
      int end = Layouts.splitStart(rows, config.cores(), core + 1);
      for (int row = Layouts.splitStart(rows, config.cores(), core); row < end; row += lanes) {
        groups.add(new Group(core, row, Math.min(lanes, end - row)));
      }
    }
  }

  List<Group> groups() {
    return groups;
  }

  /** Groups on one core, as indices into {@link #groups()}. */
  List<Integer> on(int core) {
    List<Integer> mine = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      if (groups.get(i).core() == core) {
        mine.add(i);
      }
    }
    return mine;
  }

  /**
   * Vectors of a group, one feature after the other.
   *
   * @param values {@code [rows][features]} bfloat16 patterns
   * @param padding value of lanes without a row
   */
  byte[] vectors(Group group, int[] values, int features, int padding) {
    int[] vectors = new int[features * lanes];
    java.util.Arrays.fill(vectors, padding);
    for (int row = 0; row < group.rows(); row++) {
      for (int feature = 0; feature < features; feature++) {
        vectors[feature * lanes + row] = values[(group.firstRow() + row) * features + feature];
      }
    }
    return Layouts.bf16Bytes(vectors);
  }

  /** Takes the rows of a group out of feature-major vectors. */
  void extract(Group group, byte[] vectors, int features, int[] values) {
    for (int row = 0; row < group.rows(); row++) {
      for (int feature = 0; feature < features; feature++) {
        values[(group.firstRow() + row) * features + feature] =
            Layouts.bf16At(vectors, 2 * (feature * lanes + row));
      }
    }
  }

  /**
   * Undoes the order in which a STORE empties the DMBs: all vectors of DMPU 0 first.
   *
   * @param stored {@code [dmpus][count]} pieces of one DMPU each
   * @return {@code count} vectors, all DMPUs of the first one first
   */
  static byte[] byVector(byte[] stored, int dmpus, int count) {
    int piece = stored.length / (dmpus * count);
    byte[] vectors = new byte[stored.length];
    for (int dmpu = 0; dmpu < dmpus; dmpu++) {
      for (int vector = 0; vector < count; vector++) {
        System.arraycopy(
            stored,
            (dmpu * count + vector) * piece,
            vectors,
            (vector * dmpus + dmpu) * piece,
            piece);
      }
    }
    return vectors;
  }
}
