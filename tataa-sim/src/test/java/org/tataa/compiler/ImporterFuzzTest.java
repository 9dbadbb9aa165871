package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.ModelFormatException;
import org.tataa.onnx.OnnxImporter;
import org.tataa.schedule.ScheduleException;
import org.tataa.tiling.TilingException;

/** Damaged model files give documented exceptions, whatever is damaged. */
class ImporterFuzzTest {
  private static final List<byte[]> FILES =
      List.of(
          Families.encoder(5, 1),
          Families.decoder(4, 2),
          Families.llama(4, 2, true, 3),
          Families.vision(4),
          Families.windowed(5));

  @Test
  void damagedFiles() {
    assertThat(fuzz(0, 3000, Long.MAX_VALUE)).isBetween(10, 2990);
  }

  @Test
  @Tag("heavy")
  void damagedFilesForSomeTime() {
    long seconds = Long.getLong("tataa.fuzz.seconds", 60);
    fuzz(
        Integer.getInteger("tataa.fuzz.seed", 1_000_000),
        Integer.MAX_VALUE,
        System.nanoTime() + seconds * 1_000_000_000L);
  }

  // How many of the files were accepted.
  private static int fuzz(int firstSeed, int count, long deadline) {
    int accepted = 0;
    for (int i = 0; i < count && System.nanoTime() < deadline; i++) {
      int seed = firstSeed + i;
      byte[] file = damaged(new Random(seed));
      try {
        use(file);
        accepted++;
      } catch (ModelFormatException | GraphException | TilingException | ScheduleException e) {
        assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
      } catch (RuntimeException | Error e) {
        fail("seed " + seed + ": " + e, e);
      }
    }
    return accepted;
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
    Compilation.requests(
        TataaConfig.u280(), CompilerOptions.DEFAULT, model, inputs, Set.of(), Set.of());
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
