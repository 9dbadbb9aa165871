package org.tataa.task;

import java.util.IdentityHashMap;
import java.util.List;
import org.tataa.compiler.CompiledModel;
import org.tataa.pipeline.Similarity;

/**
 * Similarity of sentences: the rank correlation (Spearman) of the cosines of pairs with those in
 * float32. Every sentence is paired with the next {@value #PARTNERS} of the list.
 */
public final class SimilarityTask extends EncoderTask {
  private static final int PARTNERS = 8;

  /** A task. */
  public SimilarityTask(EncoderModel encoder, List<String> texts) {
    super("similarity", encoder, texts);
  }

  @Override
  public Metric metric(List<float[]> training, List<float[]> items) {
    double[][] expected = cosines(items);
    // Every draw asks for the same readings.
    IdentityHashMap<List<float[]>, double[][]> known = new IdentityHashMap<>();
    return new Metric() {
      @Override
      public String name() {
        return "Spearman";
      }

      @Override
      public double value(List<float[]> readings, int[] chosen) {
        double[][] own = known.computeIfAbsent(readings, SimilarityTask::cosines);
        return Similarity.spearman(pick(expected, chosen), pick(own, chosen));
      }
    };
  }

  private static double[] pick(double[][] cosines, int[] chosen) {
    double[] picked = new double[chosen.length * PARTNERS];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(cosines[chosen[i]], 0, picked, i * PARTNERS, PARTNERS);
    }
    return picked;
  }

  private static double[][] cosines(List<float[]> embeddings) {
    int count = embeddings.size();
    double[][] cosines = new double[count][PARTNERS];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < PARTNERS; j++) {
        cosines[i][j] =
            CompiledModel.cosine(embeddings.get(i), embeddings.get((i + 1 + j) % count));
      }
    }
    return cosines;
  }
}
