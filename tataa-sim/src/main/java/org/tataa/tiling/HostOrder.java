package org.tataa.tiling;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tataa.tensor.Value;
import org.tataa.tile.HostStep;
import org.tataa.tile.StoredValue;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileStep;

/**
 * Moves work of the host that needs nothing from the device to the front, so that it interrupts no
 * program.
 */
final class HostOrder {
  private HostOrder() {}

  static TileProgram early(TileProgram program) {
    Set<Value> late = new HashSet<>();
    List<Integer> first = new ArrayList<>();
    List<Integer> rest = new ArrayList<>();
    for (int i = 0; i < program.steps().size(); i++) {
      TileStep step = program.steps().get(i);
      boolean isEarly = false;
      if (step instanceof HostStep.Compute compute) {
        isEarly = compute.op().operands().stream().noneMatch(late::contains);
        if (!isEarly) {
          late.addAll(compute.op().results());
        }
      } else if (step instanceof HostStep.Upload upload) {
        isEarly = !late.contains(upload.value());
      } else if (step instanceof HostStep.Download download) {
        late.add(download.value());
      }
      (isEarly ? first : rest).add(i);
    }
    first.addAll(rest);
    int[] newNumber = new int[first.size()];
    List<TileStep> steps = new ArrayList<>();
    for (int i = 0; i < newNumber.length; i++) {
      newNumber[first.get(i)] = i;
      steps.add(program.steps().get(first.get(i)));
    }
    List<StoredValue> values = new ArrayList<>();
    for (StoredValue value : program.values()) {
      values.add(
          new StoredValue(value.value(), newNumber[value.step()], value.buffer(), value.layout()));
    }
    return new TileProgram(program.name(), program.config(), steps, values, program.outputs());
  }
}
