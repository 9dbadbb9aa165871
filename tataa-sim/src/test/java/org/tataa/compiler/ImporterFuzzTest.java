package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.fuzz.Fuzz;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.ModelFormatException;
import org.tataa.onnx.ModelMutations;
import org.tataa.onnx.OnnxImporter;
import org.tataa.schedule.ScheduleException;
import org.tataa.tiling.TilingException;

/**
 * Damaged model files, and models with messages changed, give documented exceptions, whatever is
 * wrong with them, soon and in little memory.
 */
class ImporterFuzzTest {
  /** Bytes a file of less than a megabyte may make the importer and the lowering allocate. */
  private static final long MOST_BYTES = 4L << 30;

  /** Far more than a case takes on a busy host. */
  private static final long MOST_SECONDS = 20;

  private static final List<byte[]> FILES =
      List.of(
          Families.encoder(5, 1),
          Families.decoder(4, 2),
          Families.llama(4, 2, true, 3),
          Families.vision(4),
          Families.windowed(5));

  @Test
  void damagedFiles() {
    Fuzz.Count count = Fuzz.cases(0, 1000, seed -> isAccepted(damaged(new Random(seed)), seed));
    assertThat(count.accepted()).isBetween(10L, 990L);
  }

  @Test
  void changedMessages() {
    Fuzz.Count count = Fuzz.cases(0, 1000, seed -> isAccepted(changed(new Random(seed)), seed));
    assertThat(count.accepted()).isBetween(10L, 990L);
  }

  @Test
  @Tag("heavy")
  void damagedFilesForSomeTime() {
    Fuzz.forSomeTime(seed -> isAccepted(damaged(new Random(seed)), seed));
  }

  @Test
  @Tag("heavy")
  void changedMessagesForSomeTime() {
    Fuzz.forSomeTime(seed -> isAccepted(changed(new Random(seed)), seed));
  }

  private static boolean isAccepted(byte[] file, long seed) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = threads.getCurrentThreadAllocatedBytes();
    long time = threads.getCurrentThreadCpuTime();
    boolean accepted = false;
    try {
      use(file);
      accepted = true;
    } catch (ModelFormatException | GraphException | TilingException | ScheduleException e) {
      assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
    } catch (RuntimeException | Error e) {
      fail("seed " + seed + ": " + Fuzz.trace(e), e);
    }
    long seconds = (threads.getCurrentThreadCpuTime() - time) / 1_000_000_000L;
    long allocated = threads.getCurrentThreadAllocatedBytes() - bytes;
    assertThat(seconds).as("seconds of the processor for seed %d", seed).isLessThan(MOST_SECONDS);
    assertThat(allocated).as("bytes of seed %d", seed).isLessThan(MOST_BYTES);
    return accepted;
  }

  private static byte[] changed(Random random) {
    try {
      ModelProto model = ModelProto.parseFrom(FILES.get(random.nextInt(FILES.size())));
      return ModelMutations.mutated(model, random).toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static void use(byte[] file) {
    OnnxImporter.Model model = OnnxImporter.read(new ByteArrayInputStream(file), "damaged");
    Map<String, NdTensor> shapes = new LinkedHashMap<>();
    for (Graph.Input input : model.graph().inputs()) {
      int[] shape = input.dims().stream().mapToInt(dim -> dim < 0 ? 1 : dim).toArray();
      shapes.put(input.name(), NdTensor.unknown(input.type(), shape));
    }
    Graph folded = new Evaluator(model.graph(), model.opset()).folded(shapes);
    new Evaluator(folded, model.opset()).all(shapes);
    Map<String, NdTensor> inputs = new LinkedHashMap<>(shapes);
    Compilation.requests(TataaConfig.u280(), CompilerOptions.DEFAULT, model, inputs, Set.of());
    assertThat(Set.copyOf(model.graph().outputs())).isNotEmpty();
  }

  private static byte[] damaged(Random random) {
    byte[] file = FILES.get(random.nextInt(FILES.size())).clone();
    // Most bytes are weights, whose damage changes nothing; the structure is at the front.
    int front = Math.min(file.length, 200 + random.nextInt(12_000));
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      int at = random.nextInt(random.nextBoolean() ? Math.min(front, file.length) : file.length);
      switch (random.nextInt(6)) {
        case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> file[at] = (byte) random.nextInt(256);
        case 2 -> file = Arrays.copyOf(file, Math.max(1, at));
        case 3 -> {
          int end = Math.min(file.length, at + 1 + random.nextInt(16));
          byte[] shorter = Arrays.copyOf(file, file.length - (end - at));
          System.arraycopy(file, end, shorter, at, file.length - end);
          file = shorter.length == 0 ? new byte[1] : shorter;
        }
        case 4 -> Arrays.fill(file, at, Math.min(file.length, at + 9), (byte) 0xff);
        default -> {
          int from = random.nextInt(file.length);
          int length = Math.min(random.nextInt(64), file.length - Math.max(from, at));
          System.arraycopy(file.clone(), from, file, at, length);
        }
      }
    }
    return file;
  }
}
