package org.tataa.tile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.tataa.config.TataaConfig;
import org.tataa.isa.StoreMode;

/** What products and vector work must satisfy to be fused, beside what each must by itself. */
final class FusedRules {
  private final TataaConfig config;
  private final Consumer<String> problems;

  FusedRules(TataaConfig config, Consumer<String> problems) {
    this.config = config;
    this.problems = problems;
  }

  private void expected(String what, Object found) {
    problems.accept("expected " + what + ", found " + found);
  }

  /** Reports what is wrong. */
  void check(FusedNest nest) {
    MatMulNest products = nest.products();
    VectorNest lanes = nest.lanes();
    if (!config.resultPath()) {
      expected("a machine with a result path to fuse products", config.name());
    }
    if (products.mode() != StoreMode.ACC_TO_BF16 || products.transpose()) {
      expected("bfloat16 sums as they are", products.mode());
    }
    if (products.segments() != 1 || products.depth() > MatMulNest.deepest(config)) {
      expected(
          "products of the words of one tile", products.segments() + " times " + products.depth());
    }
    if (!products.loops().equals(lanes.loops()) || lanes.loops().isEmpty()) {
      expected("the loops of the products, at least one", lanes.loops());
      return;
    }
    if (products.target().strides().length != products.loops().size()) {
      return; // Said of the products.
    }
    if (!areApart(products.target(), products.loops())) {
      expected("a block of its own for every iteration", products.target());
    }
    int most = config.buffers().vectorSlots() / FusedNest.vectors(config);
    if (nest.group() < 1 || nest.group() > most) {
      expected("1.." + most + " blocks in slots", nest.group());
    }
    for (VectorStep step : lanes.body()) {
      if (step instanceof VectorStep.Load load
          && Objects.equals(load.from().buffer(), nest.sums())
          && !isOfBlock(products.target(), load.from())) {
        expected("a load of a vector of the block of the iteration", load);
      }
    }
    if (!Collections.disjoint(StepBuffers.of(products), StepBuffers.writtenBy(lanes))) {
      expected("vector work that writes nothing the products use", nest.work().value());
    }
  }

  // Whether an address is that of a vector of the block stored in the same iteration.
  private boolean isOfBlock(Address block, Address vector) {
    long offset = vector.base() - block.base();
    int bytes = config.geometry().vectorBytes();
    return offset >= 0
        && offset % bytes == 0
        && offset < (long) FusedNest.vectors(config) * bytes
        && Arrays.equals(block.strides(), vector.strides());
  }

  // Whether every iteration of some loops has a block of sums of its own.
  private boolean areApart(Address block, List<Integer> loops) {
    List<Integer> order = new ArrayList<>();
    for (int loop = 0; loop < loops.size(); loop++) {
      if (loops.get(loop) > 1) {
        order.add(loop);
      }
    }
    order.sort(Comparator.comparingLong(loop -> Math.abs(block.strides()[loop])));
    long extent = (long) FusedNest.vectors(config) * config.geometry().vectorBytes();
    for (int loop : order) {
      long stride = Math.abs(block.strides()[loop]);
      if (stride < extent) {
        return false;
      }
      extent += stride * (loops.get(loop) - 1);
    }
    return true;
  }
}
