package org.tataa.tile;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Tile programs as text: a step after the other, loops outermost first. */
public final class TilePrinter {
  private TilePrinter() {}

  /** The text of a program. */
  public static String print(TileProgram program) {
    return print(program, Partition.none(program));
  }

  /**
   * The text of a program split over cores: barriers, and under each step the loops of every core's
   * share.
   */
  public static String print(TileProgram program, Partition partition) {
    StringBuilder text = new StringBuilder();
    text.append("tile program ")
        .append(program.name())
        .append(" for ")
        .append(program.config().name())
        .append(partition.cores() == 1 ? "" : ", each item on " + partition.cores() + " cores")
        .append('\n');
    for (int i = 0; i < program.steps().size(); i++) {
      Partition.Step split = partition.steps().get(i);
      if (split.barrierCycles() > 0) {
        text.append("barrier ").append(split.barrierCycles()).append(" cycles\n");
      }
      step(text, i, program.steps().get(i));
      if (split.shares().size() > 1) {
        text.append("  shares");
        split.shares().forEach(share -> text.append(' ').append(loops(share)));
        text.append('\n');
      }
      for (StoredValue stored : program.values()) {
        if (stored.step() == i) {
          text.append("  makes ")
              .append(stored.value())
              .append(" in @")
              .append(stored.buffer().name())
              .append(", ")
              .append(stored.layout().describe())
              .append('\n');
        }
      }
    }
    return text.toString();
  }

  private static void step(StringBuilder text, int number, TileStep step) {
    Work work = step.work();
    text.append(number)
        .append(' ')
        .append(work.kind().name().toLowerCase(Locale.ROOT))
        .append(' ')
        .append(work.value());
    if (step instanceof MatMulNest nest) {
      product(text.append(" loops ").append(nest.loops()).append('\n'), nest);
    } else if (step instanceof VectorNest nest) {
      text.append(" loops ").append(nest.loops());
      SpilledVectors spilled = SpilledVectors.of(nest);
      text.append(spilled.isAny() ? ", " + spilled.describe() : "").append('\n');
      nest.body().forEach(line -> text.append("  ").append(line).append('\n'));
    } else if (step instanceof FusedNest nest) {
      text.append(" loops ").append(nest.lanes().loops()).append(", sums in slots of bank ");
      text.append(nest.bank()).append(", blocks at a time: ").append(nest.group()).append('\n');
      product(text, nest.products());
      nest.lanes().body().forEach(line -> text.append("  ").append(line).append('\n'));
    } else {
      text.append('\n');
      host(text, (HostStep) step);
    }
  }

  private static void product(StringBuilder text, MatMulNest nest) {
    text.append("  product x ")
        .append(nest.x())
        .append(" y ")
        .append(nest.y())
        .append(" depth ")
        .append(nest.depth())
        .append(nest.segments() == 1 ? "" : " segments " + nest.segments())
        .append("\n  store ")
        .append(nest.mode())
        .append(nest.transpose() ? " transposed" : "")
        .append(" scale ")
        .append(nest.scales().size() == 1 ? nest.scales().get(0) : nest.scales())
        .append(" to ")
        .append(nest.target())
        .append('\n');
  }

  // As 1x4+2x12: four iterations, then two rows of twelve.
  private static String loops(List<TileStep> share) {
    return share.stream()
        .map(step -> step instanceof MatMulNest nest ? nest.loops() : ((VectorNest) step).loops())
        .map(counts -> counts.stream().map(String::valueOf).collect(Collectors.joining("x")))
        .collect(Collectors.joining("+"));
  }

  private static void host(StringBuilder text, HostStep step) {
    if (step instanceof HostStep.Compute compute) {
      text.append("  ").append(compute.op().describe());
    } else if (step instanceof HostStep.Upload upload) {
      text.append("  upload ").append(upload.value()).append(" to ").append(upload.to());
    } else if (step instanceof HostStep.Download download) {
      text.append("  download ").append(download.from()).append(" to ").append(download.value());
    } else if (step instanceof HostStep.Move move) {
      text.append("  move");
      move.sources().forEach(source -> text.append(' ').append(source.buffer()));
      text.append(" to ").append(move.to()).append(", ").append(move.layout().describe());
    }
    if (step instanceof HostStep.Append append) {
      text.append("  append ")
          .append(append.from().buffer())
          .append(" to state ")
          .append(append.to())
          .append(" from row %")
          .append(append.op().position().name())
          .append(" along axis ")
          .append(append.op().axis())
          .append(", ")
          .append(append.layout().describe());
    }
    text.append('\n');
  }
}
