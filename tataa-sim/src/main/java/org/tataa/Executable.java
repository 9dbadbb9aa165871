package org.tataa;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.tataa.graph.NdTensor;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.ModelSession;
import org.tataa.quant.Calibration;
import org.tataa.quant.Calibrator;

/**
 * A calibrated model on a device. Programs are made for the shapes of the inputs, when they are
 * first seen. Immutable, and thread safe.
 */
public final class Executable {
  private final Device device;
  private final Model model;
  private final CompileOptions options;
  private final Calibration calibration;

  private Executable(Device device, Model model, CompileOptions options, Calibration calibration) {
    this.device = device;
    this.model = model;
    this.options = options;
    this.calibration = calibration;
  }

  private static ModelSession session(Device device, Model model, CompileOptions options) {
    return new ModelSession(
        device.config(), model.source(), options.fixedInputs(), options.internal());
  }

  static Executable calibrated(
      Device device, Model model, List<Tensors> samples, CompileOptions options) {
    return TataaException.explain(
        () ->
            new Executable(
                device,
                model,
                options,
                session(device, model, options).calibrate(items(model, samples), NOBODY)));
  }

  static Executable read(Device device, Model model, Path file, CompileOptions options) {
    return TataaException.explain(
        () -> {
          try {
            return new Executable(device, model, options, Calibration.read(file));
          } catch (IOException e) {
            throw new TataaException(file + ": cannot be read: " + e, e);
          }
        });
  }

  private static List<Map<String, NdTensor>> items(Model model, List<Tensors> tensors) {
    return tensors.stream().map(model::item).toList();
  }

  private static final Calibrator.Progress NOBODY = (done, of) -> {};

  /** {@return where it runs} */
  public Device device() {
    return device;
  }

  /** {@return what it computes} */
  public Model model() {
    return model;
  }

  /**
   * {@return the same model, options and calibration on another device}
   *
   * @param other where it runs from now on
   */
  public Executable on(Device other) {
    return new Executable(other, model, options, calibration);
  }

  /**
   * Writes the calibration as JSON, to be {@linkplain Device#compileCalibrated used again}. A file
   * of this name is replaced as a whole.
   *
   * @param file the file
   * @throws IOException if it cannot be written
   */
  public void writeCalibration(Path file) throws IOException {
    calibration.write(file);
  }

  /**
   * Runs items on the device.
   *
   * @param items inputs of the model, batch size 1, at least one
   * @return what the items gave
   * @throws TataaException if an item does not fit the model, or the model not the device
   */
  public ModelRun run(Tensors... items) {
    return run(List.of(items));
  }

  /**
   * Runs items on the device.
   *
   * @param items inputs of the model, batch size 1, at least one
   * @return what the items gave
   * @throws TataaException if an item does not fit the model, or the model not the device
   */
  public ModelRun run(List<Tensors> items) {
    return new ModelRun(batch(items, false), model.outputs());
  }

  /**
   * Runs items on the device and in float32, and compares every value.
   *
   * @param items inputs of the model, batch size 1, at least one
   * @return both sides
   * @throws TataaException if an item does not fit the model, or the model not the device
   */
  public Comparison compare(Tensors... items) {
    return compare(List.of(items));
  }

  /**
   * Runs items on the device and in float32, and compares every value.
   *
   * @param items inputs of the model, batch size 1, at least one
   * @return both sides
   * @throws TataaException if an item does not fit the model, or the model not the device
   */
  public Comparison compare(List<Tensors> items) {
    return new Comparison(batch(items, true), model.outputs());
  }

  private BatchResult batch(List<Tensors> items, boolean compare) {
    if (items.isEmpty()) {
      throw new TataaException(model.name() + ": nothing to run, expected at least one item");
    }
    return TataaException.explain(
        () -> {
          ModelSession session = session(device, model, options);
          session.use(calibration);
          session.use(device.host());
          return session.run(items(model, items), compare, NOBODY);
        });
  }

  @Override
  public String toString() {
    return model.name() + " on " + device;
  }
}
