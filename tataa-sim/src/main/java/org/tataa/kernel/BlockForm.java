package org.tataa.kernel;

/**
 * How a block of 32 tokens by 32 features of bfloat16 lies in memory: eight vectors of 8 DMPUs x 16
 * lanes, 2048 bytes.
 *
 * <p>A drained result block is FEATURES (rows are features, in order) or TOKENS (rows are tokens,
 * which leave a DMPU bottom first and DMPU 7 first). A STORE of eight vectors empties the DMBs DMPU
 * by DMPU and so exchanges vectors with DMPUs; two such stores restore the order.
 */
public enum BlockForm {
  /** Vector v, DMPU d, lane l: feature {@code 4v + d/2}, token {@code 16(d%2) + l}. */
  FEATURES,
  /** As FEATURES with vectors and DMPUs exchanged. */
  FEATURES_EXCHANGED,
  /** Vector v, DMPU d, lane l: token of beat {@code 4v + d/2}, feature {@code 16(d%2) + l}. */
  TOKENS,
  /** As TOKENS with vectors and DMPUs exchanged. */
  TOKENS_EXCHANGED;

  /** Tokens and features of a block. */
  public static final int SIZE = 32;

  /** Vectors of a block. */
  public static final int VECTORS = 8;

  /** Bytes of a block. */
  public static final int BYTES = 2 * SIZE * SIZE;

  private static final int LANES = 16;

  /** The form after another store. */
  public BlockForm exchanged() {
    return switch (this) {
      case FEATURES -> FEATURES_EXCHANGED;
      case FEATURES_EXCHANGED -> FEATURES;
      case TOKENS -> TOKENS_EXCHANGED;
      case TOKENS_EXCHANGED -> TOKENS;
    };
  }

  /** Whether vectors and DMPUs are exchanged. */
  public boolean isExchanged() {
    return this == FEATURES_EXCHANGED || this == TOKENS_EXCHANGED;
  }

  /** Whether the lanes of a DMPU are tokens of one feature. */
  public boolean isFeatureMajor() {
    return this == FEATURES || this == FEATURES_EXCHANGED;
  }

  /** Feature of element {@code position} in 0..1023. */
  public int feature(int position) {
    return isFeatureMajor() ? beat(position) : lane(position);
  }

  /** Token of element {@code position} in 0..1023. */
  public int token(int position) {
    return isFeatureMajor() ? lane(position) : tokenOfBeat(beat(position));
  }

  /**
   * Token whose result leaves as beat {@code beat} when word bytes are tokens in order. The map is
   * its own inverse.
   */
  public static int tokenOfBeat(int beat) {
    return SIZE - 1 - Layouts.rowOfBeat(beat);
  }

  private int vector(int position) {
    int vector = position / (VECTORS * LANES);
    int dmpu = position / LANES % VECTORS;
    return isExchanged() ? dmpu : vector;
  }

  private int dmpu(int position) {
    int vector = position / (VECTORS * LANES);
    int dmpu = position / LANES % VECTORS;
    return isExchanged() ? vector : dmpu;
  }

  private int beat(int position) {
    return 4 * vector(position) + dmpu(position) / 2;
  }

  private int lane(int position) {
    return LANES * (dmpu(position) % 2) + position % LANES;
  }

  /** Different vectors of a block whose values depend on the feature only. */
  public int featureVectors() {
    return switch (this) {
      case FEATURES -> 8;
      case FEATURES_EXCHANGED -> 4;
      case TOKENS -> 1;
      case TOKENS_EXCHANGED -> 2;
    };
  }

  /** Different vectors of a block whose values depend on the token only. */
  public int tokenVectors() {
    return switch (this) {
      case FEATURES -> 1;
      case FEATURES_EXCHANGED -> 2;
      case TOKENS -> 8;
      case TOKENS_EXCHANGED -> 4;
    };
  }

  /** Which of the different vectors belongs to vector {@code vector} of the block. */
  static int variant(int vector, int count) {
    return switch (count) {
      case 1 -> 0;
      case 2 -> vector % 2;
      case 4 -> vector / 2;
      default -> vector;
    };
  }
}
