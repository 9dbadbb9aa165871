package org.tataa.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.tile.HostStep;
import org.tataa.tile.TileException;
import org.tataa.tile.TileMutations;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileStep;
import org.tataa.tile.TileVerifier;
import org.tataa.tiling.Machines;
import org.tataa.tiling.Tiling;

/**
 * Programs of steps that were made before are those that would be made again: for random programs,
 * for the same with something changed, on one core and split over three. The orders of nests are
 * shared as well, so that nothing else can differ.
 */
class KnownProgramsTest {
  private static final int SEEDS = 24;
  private static final int CHANGED = 30;

  private final VectorPlans known = VectorPlans.withPrograms();
  private final VectorPlans fresh = new VectorPlans();

  // A program and some like it that are well formed.
  private static List<TileProgram> family(TataaConfig machine, long seed) {
    Tiling.Result tiling = RandomTiles.of(machine, seed);
    TileProgram tiles = tiling.tiles();
    List<TileProgram> family = new ArrayList<>(List.of(tiles, tiles));
    Random random = new Random(seed);
    for (int i = 0; i < CHANGED; i++) {
      TileProgram changed = TileMutations.mutated(tiles, random);
      if (TileVerifier.problems(changed, tiling.tensors().inputs()).isEmpty()) {
        family.add(changed);
      }
    }
    return family;
  }

  private static List<String> instructions(Program program) {
    return IntStream.range(0, program.size())
        .mapToObj(i -> program.instruction(i).toString())
        .toList();
  }

  private int check(TataaConfig machine, int cores) {
    int programs = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      for (TileProgram tiles : family(machine, seed)) {
        Schedule made;
        try {
          made = Scheduler.schedule(tiles, fresh, cores);
        } catch (TileException | ScheduleException e) {
          continue; // Cores would meet, or too large for the machine.
        }
        List<Program> remembered = Scheduler.schedule(tiles, known, cores).programs();
        assertThat(remembered).hasSameSizeAs(made.programs());
        for (int i = 0; i < remembered.size(); i++) {
          assertThat(instructions(remembered.get(i)))
              .as("seed %d, program %d, %d cores of %s", seed, i, cores, machine.name())
              .isEqualTo(instructions(made.programs().get(i)));
        }
        programs++;
      }
    }
    return programs;
  }

  @Test
  void oneCore() {
    assertThat(check(TataaConfig.u280(), 1)).isGreaterThan(4 * SEEDS);
  }

  @Test
  void threeCores() {
    assertThat(check(Machines.of(4, 8, 2, 16), 3)).isGreaterThan(3 * SEEDS);
  }

  @Test
  void programsAreMadeOnce() {
    TileProgram tiles = RandomTiles.of(TataaConfig.u280(), 1).tiles();
    List<Program> programs = Scheduler.schedule(tiles, known, 1).programs();
    List<Program> again = Scheduler.schedule(tiles, known, 1).programs();
    assertThat(again).hasSameSizeAs(programs).isNotEmpty();
    for (int i = 0; i < again.size(); i++) {
      assertThat(again.get(i)).isSameAs(programs.get(i));
    }
  }

  /** Several steps in one program are the programs of the steps, one after the other. */
  @Test
  void stepsInOneProgram() {
    for (long seed = 0; seed < SEEDS; seed++) {
      TileProgram tiles = RandomTiles.of(TataaConfig.u280(), seed).tiles();
      for (int most : new int[] {1, 2, 3, Integer.MAX_VALUE}) {
        Schedule schedule = Scheduler.schedule(tiles, most);
        int next = 0;
        for (Schedule.Segment segment : schedule.segments()) {
          assertThat(segment.firstStep()).as("seed %d", seed).isEqualTo(next);
          next += segment instanceof Schedule.Device device ? device.steps() : 1;
          if (segment instanceof Schedule.Device device) {
            assertThat(device.steps()).isBetween(1, most);
            List<TileStep> whole = tiles.steps().subList(segment.firstStep(), next);
            assertThat(whole).noneMatch(HostStep.class::isInstance);
            assertThat(
                    next == tiles.steps().size()
                        || tiles.steps().get(next) instanceof HostStep
                        || device.steps() == most)
                .as("seed %d: a program ends at step %d", seed, next)
                .isTrue();
          }
        }
        assertThat(next).isEqualTo(tiles.steps().size());
        assertThat(schedule.predictedCycles()).isPositive();
      }
    }
  }
}
