package org.tataa.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.tataa.config.TataaConfig;
import org.tataa.fusion.Fusion;
import org.tataa.lower.LoweringOptions;
import org.tataa.schedule.SlotForwarding;
import org.tataa.tensor.TensorPass;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.pass.CommonSubexpressions;
import org.tataa.tensor.pass.DropLimits;
import org.tataa.tensor.pass.FoldConstants;
import org.tataa.tensor.pass.FoldRows;
import org.tataa.tensor.pass.MergeMaps;
import org.tataa.tensor.pass.RemoveCopies;
import org.tataa.tensor.pass.SinkConcats;
import org.tataa.tensor.pass.SinkViews;
import org.tataa.tile.MergeCopies;

/**
 * The passes that can be left out. They make programs faster or more accurate; every model compiles
 * without them.
 */
public final class Passes {
  /** Most operands of a merged expression; each needs a vector slot. */
  private static final int MAX_OPERANDS = 8;

  /**
   * A pass.
   *
   * @param level what it works on: {@code graph}, {@code lowering}, {@code tensor} or {@code tile}
   * @param name by which it is left out
   * @param description what it does
   */
  public record Pass(String level, String name, String description) {}

  private Passes() {}

  /** All passes in the order in which they are done. */
  public static List<Pass> all() {
    List<Pass> all = new ArrayList<>();
    Fusion.PASSES.forEach((name, description) -> all.add(new Pass("graph", name, description)));
    all.add(
        new Pass(
            "lowering",
            LoweringOptions.ATTENTION,
            "lowers attention as a whole: shared scales, centred operands, int8 weights"));
    all.add(
        new Pass(
            "lowering",
            LoweringOptions.KEY_CODES,
            "makes the codes of an attention's keys of the sums of their projection at once"));
    for (TensorPass pass : tensor(TataaConfig.u280())) {
      all.add(new Pass("tensor", pass.name(), pass.description()));
    }
    all.add(new Pass("tile", MergeCopies.NAME, MergeCopies.DESCRIPTION));
    all.add(new Pass("tile", SlotForwarding.NAME, SlotForwarding.DESCRIPTION));
    return all;
  }

  /** Names of all passes. */
  public static List<String> names() {
    return all().stream().map(Pass::name).toList();
  }

  private static List<TensorPass> tensor(TataaConfig config) {
    return List.of(
        new FoldConstants(config),
        new SinkConcats(config),
        new SinkViews(),
        new RemoveCopies(),
        new MergeMaps(MAX_OPERANDS),
        new FoldRows(),
        new DropLimits(config),
        new CommonSubexpressions());
  }

  /** A tensor program after the passes that are not disabled. */
  static TensorProgram apply(TataaConfig config, TensorProgram program, Set<String> disabled) {
    TensorProgram current = program;
    for (TensorPass pass : tensor(config)) {
      if (!disabled.contains(pass.name())) {
        current = pass.apply(current);
      }
    }
    return current;
  }
}
