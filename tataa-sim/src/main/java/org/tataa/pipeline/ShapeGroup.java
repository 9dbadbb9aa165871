package org.tataa.pipeline;

import java.util.ArrayDeque;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompiledModel;
import org.tataa.machine.CoreMachine;
import org.tataa.sim.HostOptions;

/**
 * Items of the same shapes: they share a program, and machines that have it loaded, one per thread
 * that works on them. Both are made when they are needed and dropped after the last item.
 */
final class ShapeGroup {
  private final Supplier<CompiledModel> compiler;
  private final HostOptions host;
  private final ArrayDeque<CoreMachine> idle = new ArrayDeque<>();
  private @Nullable CompiledModel program;
  private int left;

  ShapeGroup(Supplier<CompiledModel> compiler, HostOptions host, int items) {
    this.compiler = compiler;
    this.host = host;
    left = items;
  }

  /** Does the work of one item. */
  <T> T use(BiFunction<CompiledModel, CoreMachine, T> work) {
    CompiledModel compiled = compiled();
    CoreMachine machine = machine(compiled);
    T result = work.apply(compiled, machine);
    release(machine);
    return result;
  }

  // Other threads wait for the program: they need it too.
  private synchronized CompiledModel compiled() {
    CompiledModel compiled = program;
    if (compiled == null) {
      compiled = compiler.get();
      program = compiled;
    }
    return compiled;
  }

  private CoreMachine machine(CompiledModel compiled) {
    CoreMachine machine;
    synchronized (this) {
      machine = idle.poll();
    }
    if (machine == null) {
      machine = CoreMachine.simulated(compiled.core(), host);
      compiled.load(machine);
    }
    return machine;
  }

  private synchronized void release(CoreMachine machine) {
    idle.push(machine);
    if (--left == 0) {
      idle.clear();
      program = null;
    }
  }
}
