package org.tataa.tile;

import java.util.Arrays;
import org.tataa.config.TataaConfig;

/** What a nest of products must satisfy on a machine. */
final class MatMulRules {
  private final TataaConfig config;
  private final NestRules rules;

  MatMulRules(TataaConfig config, NestRules rules) {
    this.config = config;
    this.rules = rules;
  }

  /** Reports what is wrong. */
  void check(MatMulNest nest) {
    if (nest.depth() < 1 || nest.segments() < 1) {
      rules.expected(
          "at least 1 word in at least 1 segment",
          "depth " + nest.depth() + ", segments " + nest.segments());
      return;
    }
    if (!rules.loops(nest.loops())) {
      return;
    }
    int rows = config.geometry().rows();
    int outputs = config.geometry().outputs();
    operand("X", nest.x(), nest, nest.xSegment(), rows);
    operand("Y", nest.y(), nest, nest.ySegment(), outputs);
    scales(nest);
    if (!nest.mode().fromSums()) {
      rules.expected("a STORE of sums", nest.mode());
      return;
    }
    if (nest.transpose() && !(nest.mode().toInt8() && config.canTranspose())) {
      rules.expected(
          "a transposed STORE of int8 on a square array",
          nest.mode() + " of " + rows + "x" + outputs);
    }
    rules.writes(
        "a block stored", nest.target(), (long) rows * nest.mode().wordBytes(config.geometry()));
  }

  private void operand(String name, Address address, MatMulNest nest, long segment, int word) {
    int[] counts = Arrays.copyOf(rules.loops(), rules.loops().length + 1);
    counts[counts.length - 1] = nest.segments();
    if (address.strides().length != rules.loops().length) {
      rules.expected(name + " words with " + rules.loops().length + " strides", address);
      return;
    }
    long[] strides = Arrays.copyOf(address.strides(), counts.length);
    strides[counts.length - 1] = segment;
    rules.reads(
        name + " words",
        new Address(address.buffer(), address.base(), strides),
        counts,
        (long) nest.depth() * word);
  }

  private void scales(MatMulNest nest) {
    nest.scales().forEach(rules::scale);
    int loop = nest.scaleLoop();
    if (loop < -1 || loop >= nest.loops().size()) {
      rules.expected("a loop that picks the scale, or -1", loop);
      return;
    }
    int wanted = loop < 0 ? 1 : nest.loops().get(loop);
    if (nest.scales().size() != wanted) {
      rules.expected(wanted + " scales", nest.scales().size());
    }
  }
}
