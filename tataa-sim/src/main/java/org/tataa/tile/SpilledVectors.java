package org.tataa.tile;

/**
 * Vectors that go through memory because there were too few vector slots.
 *
 * @param stored how often one is stored
 * @param loaded how often one is read back in an iteration of a nest
 */
public record SpilledVectors(long stored, long loaded) {
  /** None. */
  public static final SpilledVectors NONE = new SpilledVectors(0, 0);

  /** Those of a step, in all its iterations. */
  public static SpilledVectors of(TileStep step) {
    long stored = 0;
    long loaded = 0;
    if (step instanceof VectorNest nest) {
      for (VectorStep each : nest.body()) {
        if (each instanceof VectorStep.Load load) {
          loaded += load.from().buffer().isSpill() ? nest.iterations() : 0;
        } else if (each instanceof VectorStep.Store store && store.to().buffer().isSpill()) {
          stored += nest.iterations() * store.registers().length;
        }
      }
    }
    return new SpilledVectors(stored, loaded);
  }

  /** Those of all steps of a program. */
  public static SpilledVectors of(TileProgram program) {
    return program.steps().stream().map(SpilledVectors::of).reduce(NONE, SpilledVectors::plus);
  }

  /** The sum. */
  public SpilledVectors plus(SpilledVectors other) {
    return new SpilledVectors(stored + other.stored, loaded + other.loaded);
  }

  /** As {@code 12 vectors spilled, 16 reloaded}. */
  public String describe() {
    return stored + " vectors spilled, " + loaded + " reloaded";
  }

  /** Whether there are any. */
  public boolean isAny() {
    return stored + loaded > 0;
  }
}
