package org.tataa;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.tataa.compiler.MatrixProduct;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Program;
import org.tataa.sim.Engine;
import org.tataa.sim.HostOptions;
import org.tataa.sim.Simulator;
import org.tataa.tensor.Scale;

/**
 * A simulated accelerator, and how the host simulates it. Immutable and thread safe: every {@code
 * with} method gives another device.
 *
 * <pre>{@code
 * Int8Matrix a = Int8Matrix.filled(100, 200, 2); // or Int8Matrix.of(rows, columns, codes)
 * Int8Matrix b = Int8Matrix.filled(200, 50, 3);
 * ProductRun c = Device.u280().multiply(a, b, 0.05); // c.get(0, 0) is 0.05 * 200 * 2 * 3 = 60
 * }</pre>
 */
public final class Device {
  private final TataaConfig config;
  private final HostOptions host;

  private Device(TataaConfig config, HostOptions host) {
    this.config = config;
    this.host = host;
  }

  /** {@return the prototype on the Alveo U280: 8 cores of 32 x 16 PEs at 225 MHz} */
  public static Device u280() {
    return of(TataaConfig.u280());
  }

  /** {@return one core of 8 x 4 PEs with shallow buffers, to be looked into} */
  public static Device tiny() {
    return of(TataaConfig.tiny());
  }

  /**
   * {@return a device of any configuration, simulated fast on all processors of the host}
   *
   * @param config what is simulated
   */
  public static Device of(TataaConfig config) {
    return new Device(Objects.requireNonNull(config, "config"), HostOptions.DEFAULT);
  }

  /** {@return what is simulated: geometry, buffers, memory, latencies, profiles, clock} */
  public TataaConfig config() {
    return config;
  }

  /**
   * {@return this device with another configuration}
   *
   * @param value what is simulated
   */
  public Device withConfig(TataaConfig value) {
    return new Device(Objects.requireNonNull(value, "config"), host);
  }

  /**
   * {@return this device with arrays of another shape, two int8 outputs a column, and the latencies
   * of the released design for that shape}
   *
   * @param dmpus dual-mode units of four rows in each core, 1..32
   * @param columns PEs in a row, 1..64
   * @throws IllegalArgumentException naming what is out of range or does not fit the ports of the
   *     memory
   */
  public Device withArray(int dmpus, int columns) {
    ArrayGeometry array = new ArrayGeometry(dmpus, columns, 2);
    return withConfig(
        new TataaConfig(
            config.name() + "-" + dmpus + "x" + columns,
            config.cores(),
            array,
            config.buffers(),
            config.memory(),
            TimingConfig.released(array),
            config.profiles(),
            config.clockHz(),
            config.pipelinedMode(),
            config.overlappedDrain(),
            config.resultPath()));
  }

  /**
   * {@return this device with another number of cores}
   *
   * @param cores 1..64
   * @throws IllegalArgumentException if it is out of range
   */
  public Device withCores(int cores) {
    return withConfig(config.withCores(cores));
  }

  /**
   * {@return this device simulated in another way; no result, cycle or counter depends on it}
   *
   * @param engine how a run gets from cycle to cycle, {@link Engine#FAST_FORWARD} by default
   */
  public Device withEngine(Engine engine) {
    return new Device(config, new HostOptions(engine, host.threads()));
  }

  /**
   * {@return this device simulated on some threads; no result, cycle or counter depends on it}
   *
   * @param threads at most so many; 0, the default, for one per processor
   * @throws IllegalArgumentException if it is negative
   */
  public Device withThreads(int threads) {
    return new Device(config, new HostOptions(host.engine(), threads));
  }

  HostOptions host() {
    return host;
  }

  /**
   * Calibrates a model on samples and compiles it, with default options.
   *
   * @param model the model
   * @param samples inputs that are like those to come, batch size 1, at least one
   * @return the compiled model
   * @throws TataaException if the model, a sample or both together cannot be used
   */
  public Executable compile(Model model, Tensors... samples) {
    return compile(model, List.of(samples), CompileOptions.defaults());
  }

  /**
   * Calibrates a model on samples and compiles it.
   *
   * @param model the model
   * @param samples inputs that are like those to come, batch size 1, at least one
   * @param options choices of the compiler
   * @return the compiled model
   * @throws TataaException if the model, a sample or both together cannot be used
   */
  public Executable compile(Model model, List<Tensors> samples, CompileOptions options) {
    return Executable.calibrated(this, model, samples, options);
  }

  /**
   * Compiles a model with a calibration that was {@linkplain Executable#writeCalibration written}
   * to a file.
   *
   * @param model the model
   * @param calibration the file
   * @param options those it was calibrated with
   * @return the compiled model
   * @throws TataaException if the model or the file cannot be used
   */
  public Executable compileCalibrated(Model model, Path calibration, CompileOptions options) {
    return Executable.read(this, model, calibration, options);
  }

  /**
   * {@return the int8 product of two matrices on all cores}
   *
   * @param a {@code [M][K]}
   * @param b {@code [K][N]}
   * @throws TataaException if the shapes do not fit, or the memory of a core is too small
   */
  public ProductRun multiply(Int8Matrix a, Int8Matrix b) {
    return multiply(a, b, 1);
  }

  /**
   * {@return the int8 product of two matrices on all cores, scaled}
   *
   * @param a {@code [M][K]}
   * @param b {@code [K][N]}
   * @param scale factor of every sum before it is rounded to bfloat16, [-32767, 32767]; the nearest
   *     the requantiser has
   * @throws TataaException if the shapes do not fit, the scale is out of range, or the memory of a
   *     core is too small
   */
  public ProductRun multiply(Int8Matrix a, Int8Matrix b, double scale) {
    return TataaException.explain(
        () -> {
          MatrixProduct product =
              MatrixProduct.of(config, a.internal(), b.internal(), Scale.of(scale), host);
          return new ProductRun(product.run());
        });
  }

  /**
   * {@return one core of this device with a program, at cycle 0, to be stepped, looked into and
   * observed}
   *
   * @param program what it executes; {@link org.tataa.isa.Assembler} makes one from text
   */
  public TataaCore core(Program program) {
    TataaCore core = host.engine().core(config);
    core.load(program);
    return core;
  }

  /**
   * {@return all cores of this device in lock step, each with a memory of its own and the same
   * program, at cycle 0}
   *
   * @param program what every core executes
   */
  public Simulator simulator(Program program) {
    return Simulator.builder(config).program(program).host(host).build();
  }

  @Override
  public String toString() {
    return config.name() + ", " + config.cores() + " cores, " + host.engine();
  }
}
