/**
 * The simulator and the compiler as a library: everything most users need, with defaults.
 *
 * <p>Run a model of an ONNX file:
 *
 * <pre>{@code
 * Model model = Model.read(file); // a java.nio.file.Path
 * Tensors item = Tensors.of("x", Tensor.of(values, 1, 5, 12)); // float[60] as [1][5][12]
 * Executable executable = Device.u280().compile(model, item); // calibrated on this item
 * ModelRun run = executable.run(item);
 * String text = run.outputs().only() + ", " + run.cycles() + " cycles, " + run.work();
 * }</pre>
 *
 * <p>Change the array, and everything else of a machine ({@link org.tataa.config.TataaConfig}):
 *
 * <pre>{@code
 * Device wide = Device.u280().withArray(8, 32).withCores(4); // 32 x 32 PEs in each of 4 cores
 * Device slow = wide.withConfig(wide.config().withMemory(MemoryConfig.U280.withLatencyCycles(100)));
 * long cycles = executable.on(slow).run(item).cycles();
 * }</pre>
 *
 * <p>Compare accuracy with float32, and ways to quantise with each other:
 *
 * <pre>{@code
 * CompileOptions perTensor =
 *     CompileOptions.defaults().withQuantization(CompileOptions.Quantization.PER_TENSOR);
 * Comparison published = Device.u280().compile(model, List.of(item), perTensor).compare(item);
 * Comparison ours = executable.compare(item);
 * String text = ours.cosine() + " for " + published.cosine() + ", worst of " + ours.layers();
 * }</pre>
 *
 * <p>Watch a register:
 *
 * <pre>{@code
 * TataaCore core = Device.tiny().core(program);
 * core.memory().write(ExternalMemory.Space.X, 0, operands);
 * Watch sum = Watch.of(core, "pe[0][0].pLo").run(1000);
 * for (Watch.Change change : sum.changes()) {
 *   lines.add("cycle " + change.cycle() + ": " + change.text());
 * }
 * }</pre>
 *
 * <p>A matrix product on all cores:
 *
 * <pre>{@code
 * Int8Matrix a = Int8Matrix.filled(100, 200, 2); // or Int8Matrix.of(rows, columns, codes)
 * Int8Matrix b = Int8Matrix.filled(200, 50, 3);
 * ProductRun c = Device.u280().multiply(a, b, 0.05); // c.get(0, 0) is 0.05 * 200 * 2 * 3 = 60
 * }</pre>
 *
 * <p>Step a core, and attach an observer to it:
 *
 * <pre>{@code
 * Program program = Assembler.assemble(source, "block.s");
 * TataaCore core = Device.tiny().core(program);
 * core.tick(); // one clock; core.pe(0, 0), core.controller(), core.counters() show what it holds
 * }</pre>
 *
 * <pre>{@code
 * EventLog log = EventLog.of(core);
 * }</pre>
 *
 * <p>Classes here are immutable unless they say otherwise, options have names and defaults, and
 * what cannot be used is a {@link org.tataa.TataaException}, or an {@link
 * java.lang.IllegalArgumentException} for a single number out of range. A core that executes a
 * wrong program throws {@link org.tataa.control.SimulationException}. Of the other packages, {@link
 * org.tataa.config}, {@link org.tataa.isa}, {@link org.tataa.core}, {@link org.tataa.memory},
 * {@link org.tataa.observe} and {@link org.tataa.sim} appear in signatures here and are meant to be
 * used; those of the compiler may change from version to version.
 */
@NullMarked
package org.tataa;

import org.jspecify.annotations.NullMarked;
