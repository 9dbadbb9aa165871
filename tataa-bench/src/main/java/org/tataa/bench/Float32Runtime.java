package org.tataa.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tataa.graph.NdTensor;

/** all-MiniLM-L6-v2 in float32 on ONNX Runtime, one thread, with a sentence ready to be run. */
final class Float32Runtime implements AutoCloseable {
  private static final String RESOURCE = "/all-minilm-l6-v2.onnx";

  private final OrtSession session;
  private final Map<String, OnnxTensor> feeds = new LinkedHashMap<>();

  /** Opens a session for one item of the model. */
  Float32Runtime(Map<String, NdTensor> item) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (InputStream stream = Float32Runtime.class.getResourceAsStream(RESOURCE);
        OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      if (stream == null) {
        throw new IllegalStateException("resource " + RESOURCE + " is missing");
      }
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = environment.createSession(stream.readAllBytes(), options);
      for (Map.Entry<String, NdTensor> input : item.entrySet()) {
        long[] values = input.getValue().longs();
        long[] shape = {1, values.length};
        feeds.put(
            input.getKey(), OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs the sentence and returns the mean of its token embeddings. */
  float[] run() {
    try (OrtSession.Result result = session.run(feeds)) {
      float[][] tokens = ((float[][][]) result.get(0).getValue())[0];
      float[] mean = new float[tokens[0].length];
      for (float[] token : tokens) {
        for (int i = 0; i < mean.length; i++) {
          mean[i] += token[i] / tokens.length;
        }
      }
      return mean;
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    feeds.values().forEach(OnnxTensor::close);
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
