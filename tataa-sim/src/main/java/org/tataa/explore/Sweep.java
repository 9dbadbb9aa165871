package org.tataa.explore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.tataa.config.TataaConfig;
import org.tataa.quant.Calibrator;
import org.tataa.sim.HostThreads;

/**
 * Models on many configurations, a row of a CSV file each. A finished row is forced to a journal
 * beside the file ({@code FILE.part}) before it counts as done, so that a run that is killed loses
 * none and repeats none: the next one reads the journal, leaves out what is there, and drops a last
 * line without an end. When all are done, the rows are put in the order of the specification and
 * replace the file, and the journal goes away. The bytes depend neither on who computed the rows,
 * nor on interruptions.
 */
public final class Sweep {
  /**
   * What a sweep gave.
   *
   * @param rows in the order of the specification
   * @param computed how many of them were simulated now
   */
  public record Result(List<Row> rows, int computed) {
    /** How many machines cannot be, or are too small. */
    public int refused() {
      return (int) rows.stream().filter(row -> !row.isSimulated()).count();
    }
  }

  /**
   * A row.
   *
   * @param line as in the file
   * @param values by column
   */
  public record Row(String line, Map<String, String> values) {
    private static Row of(String line) {
      List<String> columns = columns();
      List<String> fields = Csv.values(line);
      if (fields.size() != columns.size()) {
        throw new IllegalArgumentException("no row of a sweep: " + line);
      }
      Map<String, String> values = new LinkedHashMap<>();
      for (int i = 0; i < columns.size(); i++) {
        values.put(columns.get(i), fields.get(i));
      }
      return new Row(line, values);
    }

    /** A value; empty if there is none. */
    public String value(String column) {
      return values.getOrDefault(column, "");
    }

    /** Whether there is a result. */
    public boolean isSimulated() {
      return value("refused").isEmpty();
    }

    /** A value as a number. */
    public double number(String column) {
      return Double.parseDouble(value(column));
    }

    /** Whether it is as good as another in seconds, energy and DSPs, and better in one. */
    boolean dominates(Row other) {
      boolean isBetter = false;
      for (String column : PARETO) {
        if (number(column) > other.number(column)) {
          return false;
        }
        isBetter |= number(column) < other.number(column);
      }
      return isBetter;
    }
  }

  /** Who computes rows: threads, or processes of a cluster. */
  @FunctionalInterface
  public interface Workers {
    /**
     * Computes rows, in any order, and returns when all of them were taken.
     *
     * @param groups numbers of rows, in groups for {@link SweepRows#compute}
     * @param sink takes each row as soon as it is there; the row is on disk when it returns
     */
    void compute(List<List<Integer>> groups, SweepRows.Sink sink);
  }

  private static final List<String> PARETO =
      List.of("seconds", "energy_estimate_joules_per_item", "dsps");

  private final SweepRows rows;

  /**
   * A sweep.
   *
   * @param table what events cost
   */
  public Sweep(SweepSpec spec, EnergyTable table) {
    rows = new SweepRows(spec, table);
  }

  /** Columns of the file. */
  public static List<String> columns() {
    return List.copyOf(SweepRows.columns().keySet());
  }

  /** Rows of a model that no other is better than in seconds, energy and DSPs at once. */
  public static List<Row> pareto(List<Row> rows, String model) {
    List<Row> simulated =
        rows.stream().filter(row -> row.isSimulated() && row.value("model").equals(model)).toList();
    return simulated.stream()
        .filter(row -> simulated.stream().noneMatch(other -> other.dominates(row)))
        .toList();
  }

  /** What is different about the machine of a row, as {@code cores=4, isa=PUBLISHED}. */
  public static String differences(Row row) {
    List<String> differences = new ArrayList<>();
    Configurations.values(TataaConfig.u280())
        .forEach(
            (name, value) -> {
              if (!row.value(name).equals(String.valueOf(value))) {
                differences.add(name + "=" + row.value(name));
              }
            });
    return differences.isEmpty() ? "nothing" : String.join(", ", differences);
  }

  /**
   * Runs what is not in the file yet, on threads of this process.
   *
   * @param file CSV; rows of another specification in it are left out
   * @param threads host threads, 0 for one per processor
   * @param progress hears of finished rows
   * @throws IllegalArgumentException if the file or its journal is no table of a sweep
   * @throws IllegalStateException if another sweep is writing it
   * @throws UncheckedIOException if it cannot be read or written
   */
  public Result run(Path file, int threads, Calibrator.Progress progress) {
    Workers local =
        (groups, sink) ->
            HostThreads.forEach(groups.size(), threads, i -> rows.compute(groups.get(i), sink));
    return run(file, local, progress);
  }

  /**
   * Runs what is not in the file yet.
   *
   * @param file CSV; rows of another specification in it are left out
   * @param workers who computes rows; they need the same specification and table of energies
   * @param progress hears of finished rows
   * @throws IllegalArgumentException if the file or its journal is no table of a sweep
   * @throws IllegalStateException if another sweep is writing it, or the workers leave rows out or
   *     give others than they were asked for
   * @throws UncheckedIOException if it cannot be read or written
   */
  public Result run(Path file, Workers workers, Calibrator.Progress progress) {
    try (SweepFile table = SweepFile.open(file, String.join(",", columns()))) {
      List<Integer> pending = new ArrayList<>();
      for (int i = 0; i < rows.size(); i++) {
        if (table.line(rows.digest(i)) == null) {
          pending.add(i);
        }
      }
      AtomicInteger done = new AtomicInteger(rows.size() - pending.size());
      workers.compute(
          rows.groups(pending),
          (row, line) -> {
            if (!line.startsWith(rows.digest(row) + ",")) {
              throw new IllegalStateException("a worker computed another sweep: " + line);
            }
            synchronized (table) {
              table.append(line);
              progress.done(done.incrementAndGet(), rows.size());
            }
          });
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < rows.size(); i++) {
        String line = table.line(rows.digest(i));
        if (line != null) {
          lines.add(line);
        }
      }
      if (lines.size() < rows.size()) {
        throw new IllegalStateException(rows.size() - lines.size() + " rows were not computed");
      }
      table.complete(lines);
      return new Result(lines.stream().map(Row::of).toList(), pending.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
