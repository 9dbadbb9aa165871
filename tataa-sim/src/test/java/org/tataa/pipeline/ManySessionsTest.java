package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxBuilder;
import org.tataa.onnx.OnnxImporter;

/** A virtual machine that runs session after session keeps nothing of those that are gone. */
class ManySessionsTest {
  private static final long MOST_GROWTH = 16L << 20;

  private static byte[] model() {
    OnnxBuilder b = new OnnxBuilder(17, 3);
    String x = b.input("x", 1, 8, 32);
    return b.build(b.op("Softmax", b.linear(x, 32, 64)));
  }

  private static ModelSession used(byte[] model) {
    OnnxImporter.Model imported = OnnxImporter.read(new ByteArrayInputStream(model), "small");
    Map<String, NdTensor> item = Map.of("x", NdTensor.of(new float[8 * 32], 1, 8, 32));
    ModelSession session =
        new ModelSession(
            TataaConfig.u280().withCores(2), imported, Set.of(), CompilerOptions.DEFAULT);
    session.calibrate(List.of(item), (done, of) -> {});
    session.run(List.of(item, item), true, (done, of) -> {});
    return session;
  }

  private static long usedBytes() throws InterruptedException {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      Thread.sleep(50);
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  private static void check(int sessions) throws InterruptedException {
    byte[] model = model();
    for (int i = 0; i < 8; i++) {
      used(model);
    }
    long before = usedBytes();
    List<WeakReference<ModelSession>> references = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      references.add(new WeakReference<>(used(model)));
    }
    long growth = usedBytes() - before;
    System.out.printf("%d sessions: %d KiB more%n", sessions, growth >> 10);
    assertThat(references).allMatch(reference -> reference.get() == null);
    assertThat(growth).isLessThan(MOST_GROWTH);
  }

  @Test
  void tenSessions() throws InterruptedException {
    check(10);
  }

  @Test
  @Tag("heavy")
  void aThousandSessions() throws InterruptedException {
    check(1000);
  }
}
