package org.tataa.pipeline;

import java.util.List;
import org.tataa.compiler.CompiledModel;
import org.tataa.debug.ModelTimeline;

/** Lets the timelines of the cores of a group go on together, from barrier to barrier. */
final class BarrierTimeline implements CompiledModel.Observer {
  private final List<ModelTimeline> cores;

  BarrierTimeline(List<ModelTimeline> cores) {
    this.cores = cores;
  }

  @Override
  public void begins(int step, String name, String kind) {}

  @Override
  public void barrier(long cycles) {
    cores.forEach(core -> core.barrier(cycles));
  }

  @Override
  public void ended(long cycles) {
    cores.forEach(core -> core.programEnds(cycles));
  }
}
