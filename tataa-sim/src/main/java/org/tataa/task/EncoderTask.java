package org.tataa.task;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.TextInputs;

/** What tasks of a sentence encoder have in common: a reading is an embedding. */
abstract class EncoderTask implements Task {
  private final String name;
  private final EncoderModel encoder;
  private final List<String> texts;

  EncoderTask(String name, EncoderModel encoder, List<String> texts) {
    this.name = name;
    this.encoder = encoder;
    this.texts = List.copyOf(texts);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String modelName() {
    return encoder.name();
  }

  @Override
  public OnnxImporter.Model model() {
    return encoder.model();
  }

  @Override
  public Set<String> fixed() {
    return TextInputs.FIXED;
  }

  @Override
  public List<Map<String, NdTensor>> calibration() {
    return encoder.calibration();
  }

  @Override
  public List<Map<String, NdTensor>> items() {
    return encoder.inputs(texts);
  }

  /** The encoder. */
  final EncoderModel encoder() {
    return encoder;
  }
}
