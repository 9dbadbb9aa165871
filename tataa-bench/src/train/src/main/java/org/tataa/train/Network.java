package org.tataa.train;

import ai.djl.ndarray.NDArray;
import ai.onnx.proto.OnnxMl.ModelProto;

/** A network that learns classes: of an image, or of each token the next one. */
interface Network {
  /** What is learnt. */
  Parameters parameters();

  /** Logits of a batch, the classes along the last axis. */
  NDArray logits(NDArray batch);

  /** The network with what it has learnt. */
  ModelProto onnx();
}
