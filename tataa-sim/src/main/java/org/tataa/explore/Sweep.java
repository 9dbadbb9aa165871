package org.tataa.explore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.Partitioning;
import org.tataa.config.TataaConfig;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.ModelSession;
import org.tataa.pipeline.Workloads;
import org.tataa.quant.Calibrator;
import org.tataa.sim.AtomicFile;
import org.tataa.sim.HostThreads;

/**
 * Models on many configurations, a row of a CSV file each. A finished row is forced to a journal
 * beside the file ({@code FILE.part}) before the next begins, so that a run that is killed loses
 * none and repeats none: the next one reads the journal, leaves out what is there, and drops a last
 * line without an end. When all are done, the rows are put in the order of the specification and
 * replace the file, and the journal goes away. The bytes do not depend on threads or interruptions.
 */
public final class Sweep {
  private static final int DIGEST_BYTES = 8;

  private static final List<String> RESULTS =
      List.of(
          "device_cycles",
          "item_cycles",
          "bound_cycles",
          "seconds",
          "items_per_second",
          "int8_utilisation",
          "lanes_busy",
          "energy_estimate_joules_per_item",
          "energy_low_joules_per_item",
          "energy_high_joules_per_item",
          "gops_per_watt",
          "energy_delay",
          "dsps",
          "memory_bits",
          "fifo_bits",
          "register_bits",
          "refused");

  /**
   * What a sweep gave.
   *
   * @param rows in the order of the specification
   * @param computed how many of them were simulated now
   */
  public record Result(List<Row> rows, int computed) {}

  /**
   * A row.
   *
   * @param line as in the file
   * @param values by column
   */
  public record Row(String line, Map<String, String> values) {
    private static Row of(String line) {
      List<String> columns = columns();
      // The last column may hold commas.
      String[] fields = line.split(",", columns.size());
      Map<String, String> values = new LinkedHashMap<>();
      for (int i = 0; i < fields.length; i++) {
        values.put(columns.get(i), fields[i]);
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

  private static final List<String> PARETO =
      List.of("seconds", "energy_estimate_joules_per_item", "dsps");

  private record Job(String model, Map<String, Object> configuration, String digest) {}

  private final SweepSpec spec;
  private final EnergyTable table;
  private final Map<String, ModelSession> sessions = new ConcurrentHashMap<>();

  /**
   * A sweep.
   *
   * @param table what events cost
   */
  public Sweep(SweepSpec spec, EnergyTable table) {
    this.spec = spec;
    this.table = table;
  }

  /** Columns of the file. */
  public static List<String> columns() {
    List<String> columns = new ArrayList<>(List.of("digest", "model", "batch"));
    columns.addAll(Configurations.names());
    columns.addAll(RESULTS);
    return columns;
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

  // Whatever makes a row differ is in its digest.
  private List<Job> jobs() {
    Map<String, Job> jobs = new LinkedHashMap<>();
    for (String model : spec.models()) {
      for (Map<String, Object> configuration : spec.configurations()) {
        String all =
            String.join(
                "\n",
                model,
                Integer.toString(spec.batch()),
                described(configuration),
                table.toJson());
        String digest = digest(all);
        jobs.putIfAbsent(digest, new Job(model, configuration, digest));
      }
    }
    return List.copyOf(jobs.values());
  }

  private static String described(Map<String, Object> configuration) {
    try {
      return Configurations.of(configuration).toString();
    } catch (IllegalArgumentException e) {
      return configuration.toString();
    }
  }

  private static String digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Runs what is not in the file yet.
   *
   * @param file CSV; rows of another specification in it are left out
   * @param threads host threads, 0 for one per processor
   * @param progress hears of finished rows
   * @throws IllegalArgumentException if the file or its journal is no table of a sweep
   * @throws IllegalStateException if another sweep is writing it
   * @throws UncheckedIOException if it cannot be read or written
   */
  public Result run(Path file, int threads, Calibrator.Progress progress) {
    Path journal = file.resolveSibling(file.getFileName() + ".part");
    try (FileChannel channel =
        FileChannel.open(
            journal,
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      lock(channel, journal);
      Map<String, String> known = new HashMap<>();
      if (Files.exists(file)) {
        read(file, new String(Files.readAllBytes(file), StandardCharsets.UTF_8), known);
      }
      recover(channel, journal, known);
      List<Job> jobs = jobs();
      List<Job> pending = jobs.stream().filter(job -> !known.containsKey(job.digest())).toList();
      AtomicInteger done = new AtomicInteger(jobs.size() - pending.size());
      HostThreads.forEach(
          pending.size(),
          threads,
          i -> {
            String line = row(pending.get(i));
            synchronized (known) {
              append(channel, line);
              known.put(pending.get(i).digest(), line);
              progress.done(done.incrementAndGet(), jobs.size());
            }
          });
      List<Row> rows = new ArrayList<>();
      StringBuilder text = new StringBuilder(header());
      for (Job job : jobs) {
        String line = Objects.requireNonNull(known.get(job.digest()));
        text.append(line).append('\n');
        rows.add(Row.of(line));
      }
      AtomicFile.write(file, temporary -> Files.writeString(temporary, text));
      Files.delete(journal);
      return new Result(rows, pending.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void lock(FileChannel channel, Path journal) throws IOException {
    try {
      if (channel.tryLock() != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      // By this process.
    }
    throw new IllegalStateException(journal + ": another sweep is writing it");
  }

  // Finished rows of a run that did not end; what comes after the last line end is dropped.
  private static void recover(FileChannel channel, Path journal, Map<String, String> known)
      throws IOException {
    byte[] bytes = Files.readAllBytes(journal);
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    channel.truncate(end);
    channel.position(end);
    String whole = new String(bytes, 0, end, StandardCharsets.UTF_8);
    if (whole.isEmpty()) {
      append(channel, String.join(",", columns()));
    } else {
      read(journal, whole, known);
    }
  }

  private static String header() {
    return String.join(",", columns()) + "\n";
  }

  private static void read(Path file, String text, Map<String, String> known) {
    List<String> lines = text.lines().toList();
    if (lines.isEmpty() || !(lines.get(0) + "\n").equals(header())) {
      throw new IllegalArgumentException(file + ": is no table of this version's sweep");
    }
    for (int i = 1; i < lines.size(); i++) {
      String[] cells = lines.get(i).split(",", columns().size());
      if (cells.length < columns().size()) {
        throw new IllegalArgumentException(
            file
                + ": line "
                + (i + 1)
                + " has "
                + cells.length
                + " cells, expected "
                + columns().size());
      }
      known.put(cells[0], lines.get(i));
    }
  }

  private static void append(FileChannel channel, String line) {
    try {
      long before = channel.position();
      ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
      try {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(false);
      } catch (IOException e) {
        // The next row may find a disk with space again; it must not go on in the middle of this.
        channel.truncate(before);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ModelSession session(String model) {
    Workloads.Workload workload = Workloads.of(model);
    CompilerOptions options = CompilerOptions.DEFAULT.withPartitioning(Partitioning.OFF);
    ModelSession session =
        new ModelSession(TataaConfig.u280(), workload.model(), Set.of(), options);
    session.calibrate(List.of(workload.inputs()), (done, of) -> {});
    return session;
  }

  private String row(Job job) {
    List<Object> cells = new ArrayList<>(List.of(job.digest(), job.model(), spec.batch()));
    try {
      TataaConfig config = Configurations.of(job.configuration());
      cells.addAll(Configurations.values(config).values());
      Workloads.Workload workload = Workloads.of(job.model());
      ModelSession session = sessions.computeIfAbsent(job.model(), this::session).on(config);
      if (!session.isCalibratedFor(workload.inputs())) {
        session.calibrate(List.of(workload.inputs()), (done, of) -> {});
      }
      addResults(cells, TimedRun.of(session, Collections.nCopies(spec.batch(), workload.inputs())));
      cells.add("");
    } catch (IllegalArgumentException e) {
      // A machine that cannot be, or that is too small for the model.
      while (cells.size() > 3) {
        cells.remove(cells.size() - 1);
      }
      for (String name : Configurations.names()) {
        cells.add(job.configuration().getOrDefault(name, ""));
      }
      cells.addAll(Collections.nCopies(RESULTS.size() - 1, ""));
      cells.add(String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
    }
    return String.join(",", cells.stream().map(String::valueOf).toList());
  }

  private void addResults(List<Object> cells, BatchResult result) {
    WhatIf.Row row = new WhatIf.Row(Change.NONE, result.config(), result, null, "");
    BatchEnergy energy = BatchEnergy.of(result, table);
    Resources resources = Resources.of(result.config());
    int items = result.items().size();
    cells.add(result.deviceCycles());
    cells.add(result.total().cycles() / items);
    cells.add(result.total().bound().cycles() / items);
    cells.add(result.seconds());
    cells.add(items / result.seconds());
    cells.add(row.int8Utilisation());
    cells.add(row.lanesBusy());
    cells.add(energy.joulesPerItem());
    cells.add(energy.total().lowJoules() / items);
    cells.add(energy.total().highJoules() / items);
    cells.add(energy.gopsPerWatt());
    cells.add(energy.energyDelay());
    cells.add(resources.dsps());
    cells.add(resources.memoryBits());
    cells.add(resources.fifoBits());
    cells.add(resources.registerBits());
  }
}
