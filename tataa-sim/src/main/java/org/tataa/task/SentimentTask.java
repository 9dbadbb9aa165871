package org.tataa.task;

import java.util.List;
import java.util.Map;
import org.tataa.graph.NdTensor;

/** Sentiment of sentences: accuracy of a linear head on embeddings, fitted in float32. */
public final class SentimentTask extends EncoderTask {
  private final LabelledTexts training;
  private final LabelledTexts test;

  /** A task. */
  public SentimentTask(EncoderModel encoder, LabelledTexts training, LabelledTexts test) {
    super("sentiment", encoder, test.texts());
    this.training = training;
    this.test = test;
  }

  @Override
  public List<Map<String, NdTensor>> training() {
    return encoder().inputs(training.texts());
  }

  @Override
  public Metric metric(List<float[]> fitted, List<float[]> items) {
    LinearHead head = LinearHead.fit(fitted, training.classes());
    return new Accuracy((item, embedding) -> head.classify(embedding) == test.classes().get(item));
  }
}
