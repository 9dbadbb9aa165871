package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tataa.compiler.CompiledModel;
import org.tataa.debug.UnitActivity;
import org.tataa.isa.Program;
import org.tataa.machine.CoreMachine;
import org.tataa.schedule.Schedule;

/**
 * What the units of a core, of a group the first, do over the cycles of one layer of a model, one
 * item.
 *
 * @param name of the layer
 * @param cycles of its programs
 * @param part cycles of a part, over which is summed
 * @param busy busy cycles of each part, by unit
 * @param steps programs, and work of the host, in order
 */
public record LayerSchedule(
    String name,
    long cycles,
    long part,
    Map<UnitActivity.Track, int[]> busy,
    List<LayerSchedule.Step> steps) {
  /** Parts of the drawing. */
  private static final int PARTS = 480;

  /**
   * A step.
   *
   * @param start first cycle, counted from that of the layer
   * @param report what it did
   */
  public record Step(long start, CompiledModel.StepReport report) {}

  /**
   * Runs the instructions of a layer once more and looks on, as one program where they are part of
   * one. No cycle depends on a value, so they run by themselves, on whatever is in the memory; only
   * what came directly before them is not there.
   *
   * @param reports of a run of the model
   * @param layer name of the layer
   */
  static LayerSchedule of(
      CompiledModel model, List<CompiledModel.StepReport> reports, String layer) {
    List<Step> steps = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    long cycles = 0;
    for (int i = 0; i < reports.size(); i++) {
      if (Layer.of(reports.get(i).name()).equals(layer)) {
        steps.add(new Step(cycles, reports.get(i)));
        numbers.add(i);
        cycles += reports.get(i).cycles();
      }
    }
    long part = Math.max(1, (cycles + PARTS - 1) / PARTS);
    int parts = Math.max(1, Math.toIntExact((cycles + part - 1) / part));
    UnitActivity[] activity = new UnitActivity[1];
    CoreMachine machine =
        CoreMachine.observed(
            model.core().withCores(1), core -> activity[0] = new UnitActivity(core, part, parts));
    for (Schedule.Segment segment : model.levels().schedule().segments()) {
      if (segment instanceof Schedule.Device device) {
        List<Program> programs = new ArrayList<>();
        long taken = 0;
        for (int i = 0; i < device.steps(); i++) {
          int number = device.firstStep() + i;
          if (numbers.contains(number)) {
            programs.add(device.programs(i).get(0));
            taken += reports.get(number).cycles();
          }
        }
        if (!programs.isEmpty()) {
          machine.run(List.of(Program.joined(programs)));
          activity[0].programEnds(taken);
        }
      }
    }
    Map<UnitActivity.Track, int[]> busy = new LinkedHashMap<>();
    for (UnitActivity.Track track : UnitActivity.Track.values()) {
      busy.put(track, activity[0].busy(track));
    }
    return new LayerSchedule(layer, cycles, part, busy, steps);
  }

  /**
   * The layer to draw: the one in the middle of those with a number, as encoder layers have; where
   * none has one, the layer with most cycles.
   */
  static String middle(List<Layer> layers) {
    List<Layer> numbered =
        layers.stream().filter(layer -> layer.isNumbered() && layer.cycles() > 0).toList();
    if (!numbered.isEmpty()) {
      return numbered.get(numbered.size() / 2).name();
    }
    Layer longest = layers.get(0);
    for (Layer layer : layers) {
      longest = layer.cycles() > longest.cycles() ? layer : longest;
    }
    return longest.name();
  }
}
