package org.tataa.pipeline;

import java.util.Arrays;
import java.util.function.IntFunction;
import org.tataa.compiler.CompiledModel;
import org.tataa.quant.Calibrator;

/** How far all packs of a batch are. */
final class BatchProgress {
  /** Parts of a pack. */
  static final int PACK = 100;

  private final int[] done;
  private final Calibrator.Progress progress;

  /**
   * The progress of a batch.
   *
   * @param progress hears of finished parts, one at a time
   */
  BatchProgress(int packs, Calibrator.Progress progress) {
    done = new int[packs];
    this.progress = progress;
  }

  /** For a number of steps, what notes that a pack has come to one of them. */
  IntFunction<CompiledModel.Observer> of(int pack) {
    return steps ->
        (step, name, kind) -> done(pack, Math.min(PACK - 1, PACK * step / Math.max(1, steps)));
  }

  /** Notes how many parts of a pack are finished. */
  synchronized void done(int pack, int part) {
    if (part > done[pack]) {
      done[pack] = part;
      progress.done(Arrays.stream(done).sum(), PACK * done.length);
    }
  }
}
