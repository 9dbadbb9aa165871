package org.tataa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.isa.Assembler;
import org.tataa.isa.Program;
import org.tataa.onnx.OnnxBuilder;
import org.tataa.sim.Engine;

/** What the facade gives beyond the packages behind it: choices kept apart, and errors in words. */
class FacadeTest {
  @TempDir Path directory;

  private static Model model() {
    OnnxBuilder b = new OnnxBuilder(17, 1);
    byte[] bytes = b.build(b.linear(b.input("x", 1, 5, 12), 12, 8));
    return Model.read(new ByteArrayInputStream(bytes), "small");
  }

  private static Tensors item(int seed) {
    Random random = new Random(seed);
    float[] values = new float[60];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensors.of("x", Tensor.of(values, 1, 5, 12));
  }

  @Test
  void modelsSayWhatTheyNeed() {
    Model model = model();
    assertThat(model.inputs())
        .containsExactly(new Model.Input("x", Tensor.Type.FLOAT, List.of(1, 5, 12)));
    assertThat(model.outputs()).hasSize(1);
  }

  @Test
  void unusableModelsAndItemsAreExplained() throws IOException {
    assertThatThrownBy(() -> Model.read(directory.resolve("none.onnx")))
        .isInstanceOf(TataaException.class)
        .hasMessageContaining("none.onnx: cannot be read");
    Path text = Files.writeString(directory.resolve("text.onnx"), "no model");
    assertThatThrownBy(() -> Model.read(text))
        .isInstanceOf(TataaException.class)
        .hasMessageContaining("is not an ONNX model");
    Model model = model();
    Device device = Device.u280();
    assertThatThrownBy(() -> device.compile(model))
        .isInstanceOf(TataaException.class)
        .hasMessageContaining("at least one sample");
    Tensor values = item(1).only();
    assertThatThrownBy(() -> device.compile(model, Tensors.of("y", values)))
        .isInstanceOf(TataaException.class)
        .hasMessageContaining("needs a value of input x: FLOAT[1, 5, 12], found [y]");
    assertThatThrownBy(() -> device.compile(model, item(1).with("y", values)))
        .isInstanceOf(TataaException.class)
        .hasMessageContaining("has no input `y`");
    Executable executable = device.compile(model, item(1));
    Tensors flat = Tensors.of("x", Tensor.of(values.floats(), 5, 12));
    assertThatThrownBy(() -> executable.run(flat))
        .isInstanceOf(TataaException.class)
        .hasMessageContaining("cannot be FLOAT[5, 12]");
    Tensors ids = Tensors.of("x", Tensor.of(new long[60], 1, 5, 12));
    assertThatThrownBy(() -> executable.run(ids))
        .isInstanceOf(TataaException.class)
        .hasMessageContaining("cannot be INT[1, 5, 12]");
    assertThatThrownBy(() -> executable.run())
        .isInstanceOf(TataaException.class)
        .hasMessageContaining("at least one item");
  }

  @Test
  void calibrationsAreWrittenAndUsedAgain() throws IOException {
    Model model = model();
    Executable first = Device.u280().compile(model, item(1));
    Path file = directory.resolve("calibration.json");
    first.writeCalibration(file);
    Executable second = Device.u280().compileCalibrated(model, file, CompileOptions.defaults());
    assertThat(second.run(item(2)).outputs().only().floats())
        .isEqualTo(first.run(item(2)).outputs().only().floats());
    assertThatThrownBy(
            () ->
                Device.u280()
                    .compileCalibrated(model, directory.resolve("none"), CompileOptions.defaults()))
        .isInstanceOf(TataaException.class)
        .hasMessageContaining("cannot be read");
  }

  @Test
  void resultsDoNotDependOnTheHost() {
    Model model = model();
    List<Tensors> items = List.of(item(1), item(2), item(3));
    Executable fast = Device.u280().compile(model, items, CompileOptions.defaults());
    Executable stepped = fast.on(fast.device().withEngine(Engine.STEPPING).withThreads(1));
    ModelRun expected = fast.run(items);
    ModelRun actual = stepped.run(items);
    assertThat(actual.cycles()).isEqualTo(expected.cycles());
    assertThat(actual.items()).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      assertThat(actual.outputs(i).only().floats()).isEqualTo(expected.outputs(i).only().floats());
    }
    assertThat(actual.counters().macs()).isEqualTo(expected.counters().macs());
    assertThat(expected.gops()).isPositive();
    assertThat(expected.int8Utilisation()).isBetween(0.0, 1.0);
  }

  @Test
  void optionsChangeWhatTheySay() {
    Model model = model();
    Device device = Device.u280();
    Executable whole =
        device.compile(model, List.of(item(1)), CompileOptions.defaults().withCoresPerItem(1));
    assertThat(whole.run(item(1)).coresPerItem()).isEqualTo(1);
    assertThatThrownBy(() -> CompileOptions.defaults().withoutPass("none"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no pass `none`");
    assertThatThrownBy(() -> CompileOptions.defaults().withCoresPerItem(0))
        .isInstanceOf(IllegalArgumentException.class);
    CompileOptions tooMany = CompileOptions.defaults().withCoresPerItem(9);
    assertThatThrownBy(() -> device.compile(model, List.of(item(1)), tooMany))
        .isInstanceOf(TataaException.class)
        .hasMessageContaining("expected at most 8");
    assertThat(Device.u280().withCores(2).config().cores()).isEqualTo(2);
  }

  @Test
  void comparisonsHaveBothSides() {
    Model model = model();
    Comparison comparison = Device.u280().compile(model, item(1)).compare(item(1), item(2));
    String output = model.outputs().get(0);
    assertThat(comparison.cosine())
        .isEqualTo(Math.min(comparison.cosine(0, output), comparison.cosine(1, output)));
    float[] expected = comparison.expected(1).only().floats();
    float[] actual = comparison.run().outputs(1).get(output).floats();
    double product = 0;
    double left = 0;
    double right = 0;
    for (int i = 0; i < expected.length; i++) {
      product += (double) expected[i] * actual[i];
      left += (double) expected[i] * expected[i];
      right += (double) actual[i] * actual[i];
    }
    assertThat(comparison.cosine(1, output))
        .isCloseTo(product / Math.sqrt(left * right), within(1e-9))
        .isBetween(0.99, 0.9999999);
    assertThatThrownBy(() -> comparison.cosine(0, "none"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void productsAreThoseOfIntegers() {
    byte[] left = new byte[6];
    byte[] right = new byte[6];
    new Random(4).nextBytes(left);
    new Random(5).nextBytes(right);
    Int8Matrix a = Int8Matrix.of(2, 3, left);
    Int8Matrix b = Int8Matrix.of(3, 2, right);
    ProductRun c = Device.tiny().multiply(a, b);
    for (int row = 0; row < 2; row++) {
      for (int column = 0; column < 2; column++) {
        int sum = 0;
        for (int k = 0; k < 3; k++) {
          sum += a.get(row, k) * b.get(k, column);
        }
        // bfloat16 has 8 significant bits.
        assertThat((double) c.get(row, column)).isCloseTo(sum, within(Math.abs(sum) / 256.0));
      }
    }
    assertThat(c.values().shape()).containsExactly(2, 2);
    assertThatThrownBy(() -> Device.tiny().multiply(a, a))
        .isInstanceOf(TataaException.class)
        .hasMessageContaining("A is int8[2,3] and B is int8[2,3]");
    assertThatThrownBy(() -> Device.tiny().multiply(a, b, 1e6))
        .isInstanceOf(TataaException.class)
        .hasMessageContaining("scale=");
    assertThatThrownBy(() -> Int8Matrix.filled(2, 2, 128))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected -128..127");
    assertThatThrownBy(() -> a.get(2, 0)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void tensorsAreImmutable() {
    float[] values = {1, 2};
    Tensor tensor = Tensor.of(values, 2);
    values[0] = 9;
    tensor.floats()[1] = 9;
    assertThat(tensor.floats()).containsExactly(1, 2);
    assertThatThrownBy(() -> Tensor.of(values, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs 3 values, found 2");
    assertThatThrownBy(tensor::longs).isInstanceOf(IllegalStateException.class);
    Tensors two = Tensors.of("a", tensor).with("b", tensor);
    assertThat(two.names()).containsExactly("a", "b");
    assertThatThrownBy(two::only)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("[a, b]");
    assertThatThrownBy(() -> two.get("c"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected one of [a, b]");
  }

  @Test
  void watchesNameTheRegistersThereAre() {
    Program program = Assembler.assemble("HALT\n", "halt.s");
    assertThatThrownBy(() -> Watch.of(Device.tiny().core(program), "pe"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected names as pc");
    assertThat(Device.tiny().simulator(program).run().cycles()).isPositive();
  }
}
