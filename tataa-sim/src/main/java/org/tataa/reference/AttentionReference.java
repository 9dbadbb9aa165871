package org.tataa.reference;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;

/**
 * float32 self-attention with all intermediate results.
 *
 * @param query {@code [tokens][hidden]}
 * @param key {@code [tokens][hidden]}
 * @param value {@code [tokens][hidden]}
 * @param scores per head, {@code [tokens][tokens]}, divided by the square root of the head size
 * @param probabilities per head, SoftMax of the scores
 * @param context {@code [tokens][hidden]}, the heads side by side
 */
public record AttentionReference(
    FMatrixRMaj query,
    FMatrixRMaj key,
    FMatrixRMaj value,
    List<FMatrixRMaj> scores,
    List<FMatrixRMaj> probabilities,
    FMatrixRMaj context) {

  /**
   * Computes attention from projected tokens.
   *
   * @throws IllegalArgumentException if the hidden size is no multiple of the heads
   */
  public static AttentionReference of(
      FMatrixRMaj query, FMatrixRMaj key, FMatrixRMaj value, int heads) {
    int tokens = query.numRows;
    int hidden = query.numCols;
    if (heads <= 0 || hidden % heads != 0) {
      throw new IllegalArgumentException(
          "attention: hidden size " + hidden + " is no multiple of heads=" + heads);
    }
    int size = hidden / heads;
    List<FMatrixRMaj> scores = new ArrayList<>();
    List<FMatrixRMaj> probabilities = new ArrayList<>();
    FMatrixRMaj context = new FMatrixRMaj(tokens, hidden);
    for (int head = 0; head < heads; head++) {
      FMatrixRMaj score = new FMatrixRMaj(tokens, tokens);
      CommonOps_FDRM.multTransB(slice(query, head, size), slice(key, head, size), score);
      CommonOps_FDRM.scale((float) (1 / Math.sqrt(size)), score);
      FMatrixRMaj probability = Float32Reference.softmaxRows(score);
      FMatrixRMaj part = Float32Reference.matmul(probability, slice(value, head, size));
      CommonOps_FDRM.insert(part, context, 0, head * size);
      scores.add(score);
      probabilities.add(probability);
    }
    return new AttentionReference(query, key, value, scores, probabilities, context);
  }

  private static FMatrixRMaj slice(FMatrixRMaj matrix, int head, int size) {
    return CommonOps_FDRM.extract(matrix, 0, matrix.numRows, head * size, (head + 1) * size);
  }
}
