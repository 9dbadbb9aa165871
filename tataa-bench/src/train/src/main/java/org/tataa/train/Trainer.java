package org.tataa.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.io.PrintStream;
import java.util.Locale;

/**
 * Takes steps of AdamW: the rate rises to its highest in the first fortieth, and falls as half a
 * cosine to zero.
 *
 * @param steps how many
 * @param rate the highest
 * @param decay of matrices, a share of the rate
 */
record Trainer(int steps, double rate, double decay) {
  private static final float LARGEST_NORM = 1;
  private static final int REPORTS = 40;

  /** Makes batches. */
  interface Batches {
    /**
     * The next batch.
     *
     * @return inputs of the network, and for each row of its logits the class wanted
     */
    NDArray[] next(NDManager manager);
  }

  private double rate(int step) {
    double warm = steps / 40.0;
    double share = Math.max(0, (step - warm) / (steps - warm));
    return rate * Math.min((step + 1) / warm, 0.5 * (1 + Math.cos(Math.PI * share)));
  }

  /** Trains a network. */
  void train(Network network, Batches batches, PrintStream log) {
    long start = System.nanoTime();
    double sum = 0;
    int count = 0;
    for (int step = 0; step < steps; step++) {
      try (NDManager manager = network.parameters().manager().newSubManager()) {
        NDArray[] batch = batches.next(manager);
        try (GradientCollector gradients = Engine.getEngine("PyTorch").newGradientCollector()) {
          NDArray loss = loss(network.logits(batch[0]), batch[1]);
          gradients.backward(loss);
          sum += loss.getFloat();
          count++;
        }
        network.parameters().step((float) rate(step), (float) decay, LARGEST_NORM);
      }
      if ((step + 1) % Math.max(1, steps / REPORTS) == 0 || step + 1 == steps) {
        log.printf(
            Locale.ROOT,
            "step %d of %d, loss %.4f, %.0f s%n",
            step + 1,
            steps,
            sum / count,
            (System.nanoTime() - start) / 1e9);
        sum = 0;
        count = 0;
      }
    }
  }

  /** Mean cross entropy of logits, the classes along the last axis, with the classes wanted. */
  static NDArray loss(NDArray logits, NDArray classes) {
    long width = logits.getShape().get(logits.getShape().dimension() - 1);
    NDArray rows = logits.reshape(-1, width).logSoftmax(1);
    return rows.gather(classes.reshape(-1, 1), 1).mean().neg();
  }
}
