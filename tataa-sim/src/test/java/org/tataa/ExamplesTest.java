package org.tataa;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.config.MemoryConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Assembler;
import org.tataa.isa.Program;
import org.tataa.memory.ExternalMemory;
import org.tataa.onnx.OnnxBuilder;

/**
 * The Java of the README and of the facade's Javadoc: each example there stands here between two
 * lines {@code // example}, is compiled, and is run.
 */
class ExamplesTest {
  private static final String BLOCK =
      "LOAD.M X, tile=0, depth=8, addr=0x0, bytes=64\n"
          + "LOAD.M Y, tile=0, depth=8, addr=0x100, bytes=64\n"
          + "MATMUL x=0, y=0, depth=8, clear, drain\nHALT\n";

  @TempDir Path directory;

  private Path file(String name) throws IOException {
    OnnxBuilder b = new OnnxBuilder(17, 1);
    Path file = directory.resolve(name);
    Files.write(file, b.build(b.linear(b.input("x", 1, 5, 12), 12, 8)));
    return file;
  }

  private static float[] values() {
    Random random = new Random(1);
    float[] values = new float[60];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static byte[] operands() {
    byte[] operands = new byte[0x140];
    Arrays.fill(operands, (byte) 3);
    return operands;
  }

  @Test
  void runsAModel() throws IOException {
    Path file = file("model.onnx");
    float[] values = values();
    // example
    Model model = Model.read(file); // a java.nio.file.Path
    Tensors item = Tensors.of("x", Tensor.of(values, 1, 5, 12)); // float[60] as [1][5][12]
    Executable executable = Device.u280().compile(model, item); // calibrated on this item
    ModelRun run = executable.run(item);
    String text = run.outputs().only() + ", " + run.cycles() + " cycles, " + run.work();
    // example
    assertThat(text).startsWith("FLOAT[1, 5, 8], ").contains(" cycles, [Work[kind=");
  }

  @Test
  void changesTheArray() throws IOException {
    Model model = Model.read(file("model.onnx"));
    Tensors item = Tensors.of("x", Tensor.of(values(), 1, 5, 12));
    Executable executable = Device.u280().compile(model, item);
    // example
    Device wide = Device.u280().withArray(8, 32).withCores(4); // 32 x 32 PEs in each of 4 cores
    Device slow =
        wide.withConfig(wide.config().withMemory(MemoryConfig.U280.withLatencyCycles(100)));
    long cycles = executable.on(slow).run(item).cycles();
    // example
    assertThat(wide.config().geometry().columns()).isEqualTo(32);
    assertThat(executable.on(wide).run(item).cycles()).isLessThan(cycles);
  }

  @Test
  void comparesAccuracy() throws IOException {
    Model model = Model.read(file("model.onnx"));
    Tensors item = Tensors.of("x", Tensor.of(values(), 1, 5, 12));
    Executable executable = Device.u280().compile(model, item);
    // example
    CompileOptions perTensor =
        CompileOptions.defaults().withQuantization(CompileOptions.Quantization.PER_TENSOR);
    Comparison published = Device.u280().compile(model, List.of(item), perTensor).compare(item);
    Comparison ours = executable.compare(item);
    String text = ours.cosine() + " for " + published.cosine() + ", worst of " + ours.layers();
    // example
    assertThat(text).startsWith("0.999").contains("LayerAccuracy[name=");
    assertThat(ours.cosine()).isGreaterThan(published.cosine());
  }

  @Test
  void watchesARegister() {
    Program program = Assembler.assemble(BLOCK, "block.s");
    byte[] operands = operands();
    List<String> lines = new ArrayList<>();
    // example
    TataaCore core = Device.tiny().core(program);
    core.memory().write(ExternalMemory.Space.X, 0, operands);
    Watch sum = Watch.of(core, "pe[0][0].pLo").run(1000);
    for (Watch.Change change : sum.changes()) {
      lines.add("cycle " + change.cycle() + ": " + change.text());
    }
    // example
    // After 0, the sums of 1 to 8 products 3 * 3, one more a cycle.
    assertThat(lines).hasSize(9);
    assertThat(sum.changes().get(8).cycle() - sum.changes().get(1).cycle()).isEqualTo(7);
    assertThat(sum.changes().get(8).value()).isEqualTo(72);
  }

  @Test
  void multiplies() {
    // example
    Int8Matrix a = Int8Matrix.filled(100, 200, 2); // or Int8Matrix.of(rows, columns, codes)
    Int8Matrix b = Int8Matrix.filled(200, 50, 3);
    ProductRun c = Device.u280().multiply(a, b, 0.05); // c.get(0, 0) is 0.05 * 200 * 2 * 3 = 60
    // example
    assertThat(c.get(99, 49)).isEqualTo(60);
    assertThat(c.cycles()).isPositive();
  }

  @Test
  void stepsACore() {
    String source = BLOCK;
    // example
    Program program = Assembler.assemble(source, "block.s");
    TataaCore core = Device.tiny().core(program);
    core.tick(); // one clock; core.pe(0, 0), core.controller(), core.counters() show what it holds
    // example
    assertThat(core.cycle()).isEqualTo(1);
    assertThat(core.controller().pc()).isEqualTo(1);
    // example
    EventLog log = EventLog.of(core);
    // example
    while (!core.isFinished()) {
      core.tick();
    }
    assertThat(log.events()).anyMatch(e -> e.kind() == EventLog.Kind.DONE && e.instruction() == 2);
  }

  private static String squeeze(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }

  private static List<String> blocks(String path, String pattern) throws IOException {
    Matcher matcher =
        Pattern.compile(pattern, Pattern.DOTALL).matcher(Files.readString(Path.of(path)));
    return matcher
        .results()
        .map(block -> squeeze(block.group(1).replaceAll("(?m)^ \\* ?", "")))
        .toList();
  }

  @Test
  void everyExampleThatIsShownIsRun() throws IOException {
    String[] parts =
        Files.readString(Path.of("src/test/java/org/tataa/ExamplesTest.java"))
            .split("(?m)^ *// example$");
    List<String> run = new ArrayList<>();
    for (int i = 1; i < parts.length; i += 2) {
      run.add(squeeze(parts[i]));
    }
    List<String> readme = blocks("../README.md", "```java\\n(.*?)```");
    List<String> tour =
        blocks("src/main/java/org/tataa/package-info.java", "<pre>\\{@code(.*?)}</pre>");
    List<String> device =
        blocks("src/main/java/org/tataa/Device.java", "<pre>\\{@code(.*?)}</pre>");
    assertThat(readme).hasSizeGreaterThanOrEqualTo(4);
    assertThat(device).hasSize(1);
    assertThat(run).containsExactlyInAnyOrderElementsOf(tour);
    assertThat(run).containsAll(Stream.concat(readme.stream(), device.stream()).toList());
  }
}
