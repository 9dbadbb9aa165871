package org.tataa.explore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.tataa.pipeline.Workloads;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * What a sweep runs: every model on every configuration.
 *
 * <pre>
 * models: [deit-s, bert-base]
 * batch: 16
 * grid:                       # every combination
 *   cores: [4, 8]
 *   tileDepth: [256, 512]
 * configurations:             # and these
 *   - {overlappedDrain: true, memoryLatency: 64}
 * accuracy: true              # also compute values, and compare them with float32
 * </pre>
 *
 * @param models names of workloads
 * @param batch items of a batch
 * @param configurations values that differ from those of the u280 preset, each once
 * @param accuracy whether values are computed, too, and compared with float32
 */
public record SweepSpec(
    List<String> models, int batch, List<Map<String, Object>> configurations, boolean accuracy) {
  /** Most configurations of a sweep. */
  public static final int MOST_CONFIGURATIONS = 100_000;

  private static final int MOST_CHARACTERS = 1 << 20;

  private static final Set<String> KEYS =
      Set.of("models", "batch", "grid", "configurations", "accuracy");

  /** Takes copies. */
  public SweepSpec {
    models = List.copyOf(models);
    configurations = List.copyOf(configurations);
  }

  /**
   * Reads a specification.
   *
   * @param yaml its text
   * @throws IllegalArgumentException naming what is wrong
   */
  public static SweepSpec parse(String yaml) {
    // What reads it takes time that grows with the square of its length.
    if (yaml.length() > MOST_CHARACTERS) {
      throw new IllegalArgumentException(
          "sweep of " + yaml.length() + " characters, expected at most " + MOST_CHARACTERS);
    }
    Object root;
    try {
      LoaderOptions options = new LoaderOptions();
      // A list within itself has no end, and one that is named ten times ten times has a large one.
      options.setMaxAliasesForCollections(0);
      options.setAllowDuplicateKeys(false);
      root = new Yaml(new SafeConstructor(options)).load(yaml);
    } catch (YAMLException e) {
      throw new IllegalArgumentException("sweep is no YAML: " + e.getMessage(), e);
    }
    Map<String, Object> spec = map("sweep", root);
    requireKnown("sweep", spec.keySet(), KEYS);
    List<String> models = new ArrayList<>();
    for (Object model : list("models", spec.get("models"))) {
      if (!Workloads.contains(String.valueOf(model))) {
        throw new IllegalArgumentException(
            "models: no workload " + model + ", expected one of " + Workloads.names());
      }
      models.add(String.valueOf(model));
    }
    if (models.isEmpty()) {
      throw new IllegalArgumentException("models: expected at least one");
    }
    if (!(spec.getOrDefault("batch", 1) instanceof Integer batch) || batch < 1) {
      throw new IllegalArgumentException(
          "batch: " + spec.get("batch") + ", expected a number of at least 1");
    }
    if (!(spec.getOrDefault("accuracy", false) instanceof Boolean accuracy)) {
      throw new IllegalArgumentException(
          "accuracy: " + spec.get("accuracy") + ", expected true or false");
    }
    Set<Map<String, Object>> configurations = new LinkedHashSet<>();
    if (spec.containsKey("grid")) {
      configurations.addAll(combinations(map("grid", spec.get("grid"))));
    }
    for (Object one : list("configurations", spec.getOrDefault("configurations", List.of()))) {
      configurations.add(map("configurations", one));
    }
    if (configurations.isEmpty()) {
      configurations.add(Map.of());
    }
    for (Map<String, Object> one : configurations) {
      requireKnown("configuration", one.keySet(), Set.copyOf(Configurations.names()));
    }
    return new SweepSpec(
        new ArrayList<>(new LinkedHashSet<>(models)),
        batch,
        new ArrayList<>(configurations),
        accuracy);
  }

  private static List<Map<String, Object>> combinations(Map<String, Object> grid) {
    List<Map<String, Object>> combinations = new ArrayList<>();
    combinations.add(Map.of());
    for (Map.Entry<String, Object> axis : grid.entrySet()) {
      List<Map<String, Object>> longer = new ArrayList<>();
      List<?> values = list("grid." + axis.getKey(), axis.getValue());
      if ((long) values.size() * combinations.size() > MOST_CONFIGURATIONS) {
        throw new IllegalArgumentException(
            "grid has more than " + MOST_CONFIGURATIONS + " configurations");
      }
      for (Map<String, Object> combination : combinations) {
        for (Object value : values) {
          Map<String, Object> one = new LinkedHashMap<>(combination);
          one.put(axis.getKey(), value);
          longer.add(one);
        }
      }
      combinations = longer;
    }
    return combinations;
  }

  private static void requireKnown(String where, Set<String> names, Set<String> known) {
    for (String name : names) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            where + ": no key " + name + ", expected one of " + new TreeSet<>(known));
      }
    }
  }

  private static Map<String, Object> map(String where, @Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException(where + ": expected keys with values, found " + value);
    }
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach((key, content) -> copy.put(String.valueOf(key), content));
    return copy;
  }

  private static List<?> list(String where, @Nullable Object value) {
    if (!(value instanceof List<?> list)) {
      throw new IllegalArgumentException(where + ": expected a list, found " + value);
    }
    return list;
  }
}
