package org.tataa.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.tataa.tile.HostStep;
import org.tataa.tile.TileProgram;

/**
 * Instructions that were made before. Layers of a model that are alike differ in the contents of
 * their constants only, and have the same ones. For one machine; several threads may share it.
 */
final class KnownPrograms {
  /** Kinds of programs that are kept: a decoder has some three for each size of a run. */
  private static final int KEPT = 16;

  private record Made(int cores, PlacedSteps.Key steps) {}

  private final Map<Made, List<Schedule.Device>> made =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Made, List<Schedule.Device>> eldest) {
          return size() > KEPT;
        }
      };
  private final Map<Integer, Map<Object, Partitioner.Choice>> choices = new HashMap<>();

  /** How nests were split over a number of cores, by their shape; added to. */
  synchronized Map<Object, Partitioner.Choice> choices(int cores) {
    return choices.computeIfAbsent(
        cores, key -> new ConcurrentHashMap<>());
  }

  /** Segments of an equal program with the host's steps of this one; null if there is none. */
  synchronized @Nullable List<Schedule.Segment> segments(
      TileProgram tiles, PlacedSteps.Key steps, int cores) {
    List<Schedule.Device> known = made.get(new Made(cores, steps));
    if (known == null) {
      return null;
    }
    List<Schedule.Segment> segments = new ArrayList<>();
    Iterator<Schedule.Device> devices = known.iterator();
    for (int i = 0; i < tiles.steps().size(); ) {
      if (tiles.steps().get(i) instanceof HostStep host) {
        segments.add(new Schedule.Host(i, host));
        i++;
      } else {
        Schedule.Device device = devices.next();
        segments.add(device);
        i += device.steps();
      }
    }
    return segments;
  }

  /** Keeps the instructions of a program. */
  synchronized void keep(PlacedSteps.Key steps, Schedule schedule) {
    List<Schedule.Device> devices = new ArrayList<>();
    for (Schedule.Segment segment : schedule.segments()) {
      if (segment instanceof Schedule.Device device) {
        devices.add(device);
      }
    }
    made.put(new Made(schedule.core().cores(), steps), devices);
  }
}
