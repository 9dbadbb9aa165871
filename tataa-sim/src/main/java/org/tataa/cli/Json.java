package org.tataa.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tataa.sim.IndentedJson;

/** Machine-readable output: maps become indented JSON with their keys in the given order. */
final class Json {
  private static final ObjectMapper MAPPER = IndentedJson.mapper();

  private Json() {}

  static String write(Map<String, ?> value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * An object whose keys keep their order, as those of {@link Map#of()} do not.
   *
   * @param keysAndValues a key, its value, the next key
   */
  static Map<String, Object> object(Object... keysAndValues) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      object.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return object;
  }
}
