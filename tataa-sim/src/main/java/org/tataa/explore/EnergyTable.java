package org.tataa.explore;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What every event costs. Read from JSON: a name, a description, and a row for each {@link
 * EnergyEvent} with a value, its unit, a factor of uncertainty and a source.
 *
 * @param name short name printed in reports
 * @param description what the rows are about
 * @param rows one for every event
 */
public record EnergyTable(String name, String description, Map<EnergyEvent, Row> rows) {
  /** General figures of application-specific circuits at 45 nm. */
  public static final String ASIC = "asic-45nm";

  /** Figures of an FPGA with HBM2. */
  public static final String FPGA = "fpga";

  private static final int MOST_DIGITS = 60;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          // Otherwise 0.10 is read back as 0.1.
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /**
   * What one event costs.
   *
   * @param value pJ of an event, or mW of static power; at least 0
   * @param uncertainty at least 1: the true value is taken to lie from {@code value / uncertainty}
   *     to {@code value * uncertainty}
   * @param source where the value is from
   */
  public record Row(BigDecimal value, BigDecimal uncertainty, String source) {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if the value is negative or the uncertainty below 1
     */
    public Row {
      if (value.signum() < 0) {
        throw new IllegalArgumentException("value=" + value + ", expected at least 0");
      }
      if (uncertainty.compareTo(BigDecimal.ONE) < 0) {
        throw new IllegalArgumentException("uncertainty=" + uncertainty + ", expected at least 1");
      }
    }

    /** Cost of so many events in joules. */
    Energy times(BigDecimal count, EnergyEvent event) {
      BigDecimal joules = count.multiply(value).scaleByPowerOfTen(-event.exponent());
      return new Energy(
          joules.divide(uncertainty, MathContext.DECIMAL128), joules, joules.multiply(uncertainty));
    }
  }

  /**
   * Takes a copy.
   *
   * @throws IllegalArgumentException if an event has no row
   */
  public EnergyTable {
    rows = Collections.unmodifiableMap(new EnumMap<>(rows));
    for (EnergyEvent event : EnergyEvent.values()) {
      if (!rows.containsKey(event)) {
        throw new IllegalArgumentException(
            "energy table `" + name + "` has no row for " + event.key());
      }
    }
  }

  /** Names of the tables that come with this library. */
  public static List<String> names() {
    return List.of(ASIC, FPGA);
  }

  /**
   * A table that comes with this library.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public static EnergyTable of(String name) {
    return parse(text(name));
  }

  /**
   * The JSON of a table that comes with this library, to be edited.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public static String text(String name) {
    if (!names().contains(name)) {
      throw new IllegalArgumentException(
          "no energy table " + name + ", expected one of " + names());
    }
    try (InputStream stream = EnergyTable.class.getResourceAsStream(name + ".json")) {
      if (stream == null) {
        throw new IllegalStateException("resource " + name + ".json is missing");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads a table.
   *
   * @param json the text of a file
   * @throws IllegalArgumentException naming the row that is wrong or missing
   */
  public static EnergyTable parse(String json) {
    JsonNode table;
    try {
      table = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("energy table is no JSON: " + e.getOriginalMessage(), e);
    }
    Map<EnergyEvent, Row> rows = new EnumMap<>(EnergyEvent.class);
    JsonNode list = table == null ? MAPPER.missingNode() : table.path("rows");
    if (!list.isArray()) {
      throw new IllegalArgumentException("energy table has no list `rows`");
    }
    for (JsonNode node : list) {
      String key = node.path("event").asText();
      EnergyEvent event =
          EnergyEvent.of(key)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "energy table: event `"
                              + key
                              + "`, expected one of "
                              + EnergyEvent.keys()));
      if (rows.put(event, row(event, node)) != null) {
        throw new IllegalArgumentException("energy table: two rows for " + key);
      }
    }
    return new EnergyTable(
        table.path("name").asText("unnamed"), table.path("description").asText(), rows);
  }

  private static Row row(EnergyEvent event, JsonNode node) {
    String unit = node.path("unit").asText();
    if (!unit.equals(event.unit())) {
      throw new IllegalArgumentException(
          "energy table: row "
              + event.key()
              + " has unit `"
              + unit
              + "`, expected "
              + event.unit());
    }
    try {
      return new Row(
          number(node, "value"), number(node, "uncertainty"), node.path("source").asText());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "energy table: row " + event.key() + ": " + e.getMessage(), e);
    }
  }

  private static BigDecimal number(JsonNode node, String field) {
    if (!node.path(field).isNumber()) {
      throw new IllegalArgumentException("no number `" + field + "`");
    }
    BigDecimal value = node.path(field).decimalValue();
    // Sums of numbers that are further apart have as many digits.
    if (Math.abs((long) value.precision() - value.scale()) > MOST_DIGITS
        || value.precision() > MOST_DIGITS) {
      throw new IllegalArgumentException(
          field + " has more than " + MOST_DIGITS + " digits before or after the point");
    }
    return value;
  }

  /** As JSON, to be written to a file. */
  public String toJson() {
    ObjectNode table = MAPPER.createObjectNode();
    table.put("name", name);
    table.put("description", description);
    var list = table.putArray("rows");
    rows.forEach(
        (event, row) ->
            list.addObject()
                .put("event", event.key())
                .put("value", row.value())
                .put("unit", event.unit())
                .put("uncertainty", row.uncertainty())
                .put("source", row.source()));
    return table.toPrettyString();
  }

  /** The row of an event. */
  public Row row(EnergyEvent event) {
    Row row = rows.get(event);
    if (row == null) {
      throw new IllegalStateException("no row for " + event);
    }
    return row;
  }

  /** This table with another value in a row. */
  public EnergyTable with(EnergyEvent event, BigDecimal value) {
    Map<EnergyEvent, Row> changed = new EnumMap<>(rows);
    changed.put(event, new Row(value, row(event).uncertainty(), row(event).source()));
    return new EnergyTable(name, description, changed);
  }
}
