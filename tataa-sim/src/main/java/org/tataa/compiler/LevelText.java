package org.tataa.compiler;

import java.util.Locale;
import org.tataa.graph.Node;
import org.tataa.isa.Disassembler;
import org.tataa.schedule.Schedule;
import org.tataa.tensor.TensorPrinter;
import org.tataa.tile.TilePrinter;

/** The levels of a compilation as text. */
public enum LevelText {
  /** The graph after fusion. */
  GRAPH,
  /** The tensor program. */
  TENSOR,
  /** The tile program. */
  TILE,
  /** The instructions of every step. */
  ASM;

  /** The text of a level. */
  public String of(Compilation compilation) {
    return switch (this) {
      case GRAPH -> graph(compilation);
      case TENSOR -> TensorPrinter.print(compilation.tensors());
      case TILE ->
          TilePrinter.print(compilation.schedule().tiles(), compilation.schedule().partition());
      case ASM -> asm(compilation.schedule());
    };
  }

  private static String graph(Compilation compilation) {
    StringBuilder text = new StringBuilder(compilation.graph().toString()).append('\n');
    for (Node node : compilation.graph().nodes()) {
      text.append(String.join(", ", node.outputs()))
          .append(" = ")
          .append(node.op())
          .append('(')
          .append(String.join(", ", node.inputs()))
          .append(")\n");
    }
    return text.toString();
  }

  private static void device(StringBuilder text, Schedule.Device device) {
    if (device.programs().size() == 1) {
      text.append(Disassembler.disassemble(device.programs().get(0)));
      return;
    }
    if (device.barrierCycles() > 0) {
      text.append("; barrier ").append(device.barrierCycles()).append(" cycles\n");
    }
    for (int core = 0; core < device.programs().size(); core++) {
      text.append("; core ").append(core).append('\n');
      text.append(Disassembler.disassemble(device.programs().get(core)));
    }
  }

  private static String asm(Schedule schedule) {
    StringBuilder text = new StringBuilder();
    for (Schedule.Segment segment : schedule.segments()) {
      var work = schedule.tiles().steps().get(segment.firstStep()).work();
      text.append("; step ")
          .append(segment.firstStep())
          .append(' ')
          .append(work.kind().name().toLowerCase(Locale.ROOT))
          .append(' ')
          .append(work.value())
          .append('\n');
      if (segment instanceof Schedule.Device device) {
        device(text, device);
      }
    }
    return text.toString();
  }
}
