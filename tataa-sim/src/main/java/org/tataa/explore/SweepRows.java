package org.tataa.explore;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.Partitioning;
import org.tataa.config.TataaConfig;
import org.tataa.control.SimulationException;
import org.tataa.graph.NdTensor;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.ModelSession;
import org.tataa.pipeline.Workloads;
import org.tataa.sim.HostOptions;

/**
 * The rows of a sweep: which there are, and how each is computed. A row depends on nothing but the
 * specification and the table of energies, so the same text anywhere gives the same rows. May be
 * used by several threads; what a model needs once is kept for its next rows.
 */
public final class SweepRows {
  private static final int DIGEST_BYTES = 8;

  /** Takes finished rows; any thread may call it. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Takes a row.
     *
     * @param row its number
     * @param line its line of CSV, without a line end
     */
    void take(int row, String line);
  }

  /** What values of a column are. */
  public enum Kind {
    /** Any text. */
    TEXT,
    /** A whole number of 64 bits. */
    WHOLE,
    /** A number with a fraction. */
    FRACTION,
    /** {@code true} or {@code false}. */
    FLAG
  }

  private static final Map<String, Kind> COLUMNS = kinds();

  /** Columns after the machine; of a machine that is refused, only the last one has a value. */
  private static final int RESULTS = 18;

  /**
   * Digits of a number with a fraction. Fewer than a double has: the shortest text of a double is
   * not the same on all supported versions of Java.
   */
  private static final MathContext DIGITS = new MathContext(12);

  /** A cosine is compared with float32 sums, whose last bits depend on the host's kernels. */
  private static final MathContext COSINE_DIGITS = new MathContext(6);

  private record Job(String model, Map<String, Object> configuration, String digest) {}

  /** What the cycles of an item depend on: rows that have it in common are simulated once. */
  private record Core(String model, TataaConfig config) {}

  private record Simulated(Core core, BatchResult.Item item, String cosine) {}

  private record Prepared(ModelSession session, Map<String, NdTensor> item) {}

  private final SweepSpec spec;
  private final EnergyTable table;
  private final List<Job> jobs;
  private final Map<String, Prepared> models = new ConcurrentHashMap<>();

  /**
   * Rows of a specification; configurations that are the same machine are one row.
   *
   * @param table what events cost
   */
  public SweepRows(SweepSpec spec, EnergyTable table) {
    this.spec = spec;
    this.table = table;
    jobs = jobs(spec, table.toJson());
  }

  // Whatever makes a row differ is in its digest.
  private static List<Job> jobs(SweepSpec spec, String table) {
    Map<String, Job> jobs = new LinkedHashMap<>();
    for (String model : spec.models()) {
      for (Map<String, Object> configuration : spec.configurations()) {
        List<String> all = new ArrayList<>();
        all.add(model);
        all.add(Integer.toString(spec.batch()));
        all.add(described(configuration));
        all.add(table);
        if (spec.accuracy()) {
          all.add("accuracy");
        }
        String digest = digest(String.join("\n", all));
        jobs.putIfAbsent(digest, new Job(model, configuration, digest));
      }
    }
    return List.copyOf(jobs.values());
  }

  private static String described(Map<String, Object> configuration) {
    try {
      // A machine without a result path is the one it was before there was any.
      return Configurations.of(configuration).toString().replace(", resultPath=false", "");
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

  private static Map<String, Kind> kinds() {
    Map<String, Kind> kinds = new LinkedHashMap<>();
    kinds.put("digest", Kind.TEXT);
    kinds.put("model", Kind.TEXT);
    kinds.put("batch", Kind.WHOLE);
    Configurations.values(TataaConfig.u280()).forEach((name, value) -> kinds.put(name, of(value)));
    for (String name : List.of("device_cycles", "item_cycles", "bound_cycles")) {
      kinds.put(name, Kind.WHOLE);
    }
    for (String name :
        List.of(
            "seconds",
            "items_per_second",
            "int8_utilisation",
            "lanes_busy",
            "energy_estimate_joules_per_item",
            "energy_low_joules_per_item",
            "energy_high_joules_per_item",
            "gops_per_watt",
            "energy_delay")) {
      kinds.put(name, Kind.FRACTION);
    }
    for (String name : List.of("dsps", "memory_bits", "fifo_bits", "register_bits")) {
      kinds.put(name, Kind.WHOLE);
    }
    kinds.put("min_cosine", Kind.FRACTION);
    kinds.put("refused", Kind.TEXT);
    return Collections.unmodifiableMap(kinds);
  }

  private static Kind of(Object value) {
    if (value instanceof Boolean) {
      return Kind.FLAG;
    }
    return value instanceof Number ? Kind.WHOLE : Kind.TEXT;
  }

  /**
   * Columns of a table, in order. Empty values are none; of a machine that is refused, its columns
   * hold what was asked for, of whatever kind.
   */
  public static Map<String, Kind> columns() {
    return COLUMNS;
  }

  /** How many there are. */
  public int size() {
    return jobs.size();
  }

  /**
   * What identifies a row: a digest of its model, batch, machine and table of energies.
   *
   * @param row 0 and up, in the order of the specification
   */
  public String digest(int row) {
    return jobs.get(row).digest();
  }

  /**
   * Rows in groups that take one simulation: an item is on one core, so that machines that differ
   * only in the number of cores, or in a clock that memory follows, need the same cycles for it.
   *
   * @param rows numbers of rows
   * @return all of them, in the order of the first of each group
   */
  public List<List<Integer>> groups(List<Integer> rows) {
    Map<Object, List<Integer>> groups = new LinkedHashMap<>();
    for (int row : rows) {
      Job job = jobs.get(row);
      Object key;
      try {
        key = core(job.model(), Configurations.of(job.configuration()));
      } catch (IllegalArgumentException e) {
        key = job.digest();
      }
      groups.computeIfAbsent(key, first -> new ArrayList<>()).add(row);
    }
    return List.copyOf(groups.values());
  }

  private static Core core(String model, TataaConfig config) {
    TataaConfig one = config.withCores(1);
    // Pseudo-channels have a clock of their own.
    return new Core(
        model, config.memory().hbm() == null ? one.withClockHz(TataaConfig.u280().clockHz()) : one);
  }

  /**
   * Compiles and simulates rows, one after the other; those of a group in one simulation.
   *
   * @param rows numbers of rows
   * @param sink takes each line of CSV, without a line end, as soon as it is there
   */
  public void compute(List<Integer> rows, Sink sink) {
    Simulated last = null;
    for (int row : rows) {
      Job job = jobs.get(row);
      List<Object> cells = new ArrayList<>(List.of(job.digest(), job.model(), spec.batch()));
      try {
        TataaConfig config = Configurations.of(job.configuration());
        Core core = core(job.model(), config);
        if (last == null || !last.core().equals(core)) {
          last = simulate(core);
        }
        cells.addAll(Configurations.values(config).values());
        cells.addAll(results(config, last));
        cells.add("");
      } catch (IllegalArgumentException | SimulationException e) {
        // A machine that cannot be, or that is too small for the model.
        for (String name : Configurations.names()) {
          cells.add(job.configuration().getOrDefault(name, ""));
        }
        cells.addAll(Collections.nCopies(RESULTS - 1, ""));
        cells.add(e.getMessage());
      }
      sink.take(row, Csv.line(cells));
    }
  }

  private Prepared prepare(String model) {
    Workloads.Workload workload = Workloads.of(model);
    CompilerOptions options = CompilerOptions.DEFAULT.withPartitioning(Partitioning.OFF);
    ModelSession session =
        new ModelSession(TataaConfig.u280(), workload.model(), Set.of(), options);
    session.use(new HostOptions(HostOptions.DEFAULT.engine(), 1));
    session.calibrate(List.of(workload.inputs()), (done, of) -> {});
    return new Prepared(session, workload.inputs());
  }

  private Simulated simulate(Core core) {
    Prepared known = models.computeIfAbsent(core.model(), this::prepare);
    ModelSession session = known.session().on(core.config());
    if (!session.isCalibratedFor(known.item())) {
      session.calibrate(List.of(known.item()), (done, of) -> {});
    }
    BatchResult.Item item = TimedRun.run(session.compile(known.item()), known.item());
    return new Simulated(core, item, spec.accuracy() ? accuracy(session, known.item()) : "");
  }

  // All items of a batch are the same one.
  private List<Object> results(TataaConfig config, Simulated simulated) {
    List<Object> cells = new ArrayList<>();
    BatchResult result =
        new BatchResult(config, Collections.nCopies(spec.batch(), simulated.item()), 0, 0);
    WhatIf.Row row = new WhatIf.Row(Change.NONE, config, result, null, "");
    BatchEnergy energy = BatchEnergy.of(result, table);
    Resources resources = Resources.of(config);
    int items = result.items().size();
    cells.add(result.deviceCycles());
    cells.add(result.total().cycles() / items);
    cells.add(result.total().bound().cycles() / items);
    cells.add(text(result.seconds()));
    cells.add(text(items / result.seconds()));
    cells.add(text(row.int8Utilisation()));
    cells.add(text(row.lanesBusy()));
    cells.add(text(energy.joulesPerItem()));
    cells.add(text(energy.total().lowJoules() / items));
    cells.add(text(energy.total().highJoules() / items));
    cells.add(text(energy.gopsPerWatt()));
    cells.add(text(energy.energyDelay()));
    cells.add(resources.dsps());
    cells.add(resources.memoryBits());
    cells.add(resources.fifoBits());
    cells.add(resources.registerBits());
    cells.add(simulated.cosine());
    return cells;
  }

  private static String accuracy(ModelSession session, Map<String, NdTensor> item) {
    BatchResult result = session.run(List.of(item), true, (done, of) -> {});
    double cosine = new WhatIf.Row(Change.NONE, session.config(), result, null, "").minCosine();
    return Double.isFinite(cosine) ? text(new BigDecimal(cosine).round(COSINE_DIGITS)) : "";
  }

  private static String text(double value) {
    return Double.isFinite(value) ? text(new BigDecimal(value).round(DIGITS)) : "";
  }

  // As 1200, 0.25 or 3.4E-8.
  private static String text(BigDecimal value) {
    BigDecimal shortest = value.stripTrailingZeros();
    return (shortest.scale() < 0 ? shortest.setScale(0) : shortest).toString();
  }
}
