package consumer;

import java.io.InputStream;
import org.tataa.Device;
import org.tataa.EventLog;
import org.tataa.Executable;
import org.tataa.Int8Matrix;
import org.tataa.Model;
import org.tataa.ModelRun;
import org.tataa.ProductRun;
import org.tataa.Tensor;
import org.tataa.Tensors;
import org.tataa.core.TataaCore;
import org.tataa.isa.Assembler;

/** What the README shows, in a program of its own; fails if a result is wrong. */
public final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    float[] values = new float[60];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 7 % 13 - 6) / 4f;
    }
    Model model;
    try (InputStream stream = Main.class.getResourceAsStream("model.onnx")) {
      model = Model.read(stream, "model.onnx");
    }
    Tensors item = Tensors.of("x", Tensor.of(values, 1, 5, 12));
    Executable executable = Device.u280().compile(model, item);
    ModelRun run = executable.run(item);
    require(run.outputs().only().size() == 40, run.outputs());
    require(executable.compare(item).cosine() > 0.999, executable.compare(item));

    Int8Matrix a = Int8Matrix.filled(100, 200, 2);
    Int8Matrix b = Int8Matrix.filled(200, 50, 3);
    ProductRun product = Device.u280().multiply(a, b, 0.05);
    require(product.get(99, 49) == 60, product);

    TataaCore core = Device.tiny().core(Assembler.assemble("HALT\n", "halt.s"));
    EventLog log = EventLog.of(core);
    while (!core.isFinished()) {
      core.tick();
    }
    require(log.events().size() == 1, log.events());

    String where = Main.class.getModule().isNamed() ? "module path" : "class path";
    System.out.println(
        where + ": " + run.cycles() + " cycles, product " + product.cycles() + " cycles");
  }

  private static void require(boolean holds, Object found) {
    if (!holds) {
      throw new AssertionError(found);
    }
  }
}
