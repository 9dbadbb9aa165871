package org.tataa.compiler;

import java.util.List;
import java.util.Locale;
import org.tataa.graph.Node;
import org.tataa.isa.Disassembler;
import org.tataa.isa.Program;
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

  private static void device(StringBuilder text, Schedule.Device device, int number) {
    List<Program> programs = device.programs(number);
    if (programs.size() == 1) {
      text.append(Disassembler.disassemble(programs.get(0)));
      return;
    }
    if (number == 0 && device.barrierCycles() > 0) {
      text.append("; barrier ").append(device.barrierCycles()).append(" cycles\n");
    }
    for (int core = 0; core < programs.size(); core++) {
      text.append("; core ").append(core).append('\n');
      text.append(Disassembler.disassemble(programs.get(core)));
    }
  }

  private static String asm(Schedule schedule) {
    StringBuilder text = new StringBuilder();
    for (Schedule.Segment segment : schedule.segments()) {
      int steps = segment instanceof Schedule.Device device ? device.steps() : 1;
      for (int i = 0; i < steps; i++) {
        var work = schedule.tiles().steps().get(segment.firstStep() + i).work();
        text.append("; step ")
            .append(segment.firstStep() + i)
            .append(' ')
            .append(work.kind().name().toLowerCase(Locale.ROOT))
            .append(' ')
            .append(work.value())
            .append('\n');
        if (segment instanceof Schedule.Device device) {
          device(text, device, i);
        }
      }
    }
    return text.toString();
  }
}
