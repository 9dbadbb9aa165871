package org.tataa.tile;

import java.util.Collections;
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
    if (!FusedNest.areApart(config, products.target(), products.loops())) {
      expected("a block of its own for every iteration", products.target());
    }
    int most = config.buffers().vectorSlots() / FusedNest.vectors(config);
    if (nest.group() < 1 || nest.group() > most) {
      expected("1.." + most + " blocks in slots", nest.group());
    }
    for (VectorStep step : lanes.body()) {
      if (step instanceof VectorStep.Load load
          && Objects.equals(load.from().buffer(), nest.sums())
          && !FusedNest.isOfBlock(config, products.target(), load.from())) {
        expected("a load of a vector of the block of the iteration", load);
      }
    }
    if (!Collections.disjoint(StepBuffers.of(products), StepBuffers.writtenBy(lanes))) {
      expected("vector work that writes nothing the products use", nest.work().value());
    }
  }
}
