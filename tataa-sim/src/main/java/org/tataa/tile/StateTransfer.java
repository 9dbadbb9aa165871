package org.tataa.tile;

import org.tataa.tensor.Element;
import org.tataa.tensor.StateOp;
import org.tataa.tensor.StateValues;

/** Moves what states hold between the buffers of a program and {@link StateValues}. */
public final class StateTransfer {
  private StateTransfer() {}

  /** Bytes of an element of a state. */
  static int width(StateOp op) {
    return op.result().element() == Element.INT8 ? 1 : 2;
  }

  /** Bytes of all states of a program, padding left out. */
  public static long bytes(TileProgram program) {
    long bytes = 0;
    for (TileStep step : program.steps()) {
      if (step instanceof HostStep.Append append) {
        bytes += (long) width(append.op()) * append.op().result().size();
      }
    }
    return bytes;
  }

  /** Has the states of a program go on from what is held. */
  public static void load(TileProgram program, StateValues states, HostExecutor.Memory memory) {
    for (TileStep step : program.steps()) {
      if (step instanceof HostStep.Append append) {
        int width = width(append.op());
        short[] content = states.of(append.op());
        int[] placeOf = append.layout().placeOf();
        byte[] bytes = new byte[width * append.layout().places()];
        for (int element = 0; element < content.length; element++) {
          HostExecutor.put(bytes, placeOf[element], width, content[element]);
        }
        memory.write(append.to(), bytes);
      }
    }
  }

  /** Says what the states of a program hold. */
  public static void save(TileProgram program, StateValues states, HostExecutor.Memory memory) {
    for (TileStep step : program.steps()) {
      if (step instanceof HostStep.Append append) {
        states.put(
            append.op(),
            HostExecutor.elements(memory.read(append.to()), append.layout(), width(append.op())));
      }
    }
  }
}
