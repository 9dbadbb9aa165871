package org.tataa.pipeline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import org.tataa.onnx.ModelFormatException;

/**
 * The bytes of a {@code tokenizer.json} that the library of tokenizers can be given. The library is
 * native code and ends the process when it is given what is no JSON in its sense, so that is found
 * out before: JSON of at most {@value #MOST_BYTES} bytes, nested at most {@value #DEEPEST} deep,
 * with numbers that are finite and text that is Unicode, and templates that name tokens they have.
 */
final class TokenizerFile {
  private static final int MOST_BYTES = 1 << 28;
  private static final int DEEPEST = 64;
  private static final String TEMPLATES = "post_processor";
  // A vocabulary is tens of thousands of names, each once.
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxStringLength(MOST_BYTES)
                  .build())
          .build();

  private static final ObjectMapper MAPPER = new ObjectMapper(JSON);

  private TokenizerFile() {}

  /**
   * Reads a stream to its end.
   *
   * @param name for messages
   * @throws ModelFormatException if it is too large, or no JSON object
   * @throws IOException if it cannot be read
   */
  static byte[] read(InputStream stream, String name) throws IOException {
    byte[] bytes = stream.readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw new ModelFormatException(
          name + ": no tokenizer that can be used: more than " + MOST_BYTES + " bytes");
    }
    try (JsonParser parser = JSON.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new ModelFormatException(
            name + ": no tokenizer that can be used: expected a JSON object");
      }
      int depth = 1;
      while (depth > 0) {
        JsonToken token = parser.nextToken();
        if (token == null) {
          break;
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        check(parser, token, name);
      }
      if (parser.nextToken() != null) {
        throw new ModelFormatException(
            name + ": no tokenizer that can be used: something follows the JSON object");
      }
    } catch (JsonProcessingException e) {
      throw new ModelFormatException(
          name
              + ":"
              + e.getLocation().getLineNr()
              + ":"
              + e.getLocation().getColumnNr()
              + ": no tokenizer that can be used: "
              + e.getOriginalMessage());
    }
    checkParts(bytes, name);
    return bytes;
  }

  private static void checkParts(byte[] bytes, String name) throws IOException {
    try (JsonParser parser = JSON.createParser(bytes)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.getText();
        parser.nextToken();
        if (field.equals("model")) {
          checkMerges(parser, name);
        } else if (field.equals(TEMPLATES)) {
          JsonNode root = MAPPER.readTree(parser);
          for (JsonNode template : root.findParents("special_tokens")) {
            checkTemplate(template, name);
          }
        } else {
          parser.skipChildren();
        }
      }
    }
  }

  // The library cuts the prefix off the second token of every merge, whether it is there or not.
  private static void checkMerges(JsonParser parser, String name) throws IOException {
    if (!parser.isExpectedStartObjectToken()) {
      return;
    }
    String prefix = "";
    JsonNode merges = MAPPER.createArrayNode();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.getText();
      JsonToken token = parser.nextToken();
      if (field.equals("continuing_subword_prefix") && token == JsonToken.VALUE_STRING) {
        prefix = parser.getText();
      } else if (field.equals("merges")) {
        merges = MAPPER.readTree(parser);
      } else {
        parser.skipChildren();
      }
    }
    for (JsonNode merge : merges) {
      String second =
          merge.isArray()
              ? merge.path(1).asText()
              : merge.asText().substring(merge.asText().indexOf(' ') + 1);
      // As many bytes as the prefix has characters.
      if (!second.startsWith(prefix) || prefix.chars().anyMatch(c -> c > 0x7f)) {
        throw new ModelFormatException(
            name
                + ": no tokenizer that can be used: the second token of the merge "
                + merge
                + " does not begin with `"
                + prefix
                + "`");
      }
    }
  }

  private static void checkTemplate(JsonNode template, String name) {
    JsonNode known = template.path("special_tokens");
    for (JsonNode used : template.findValues("SpecialToken")) {
      String id = used.path("id").asText();
      if (!known.has(id)) {
        throw new ModelFormatException(
            name + ": no tokenizer that can be used: a template has no special token `" + id + "`");
      }
    }
  }

  private static void check(JsonParser parser, JsonToken token, String name) throws IOException {
    if (token.isNumeric() && !Double.isFinite(parser.getDoubleValue())) {
      throw new ModelFormatException(
          name + ": no tokenizer that can be used: a number that is not finite");
    }
    if ((token == JsonToken.VALUE_STRING || token == JsonToken.FIELD_NAME)
        && !isUnicode(parser.getText())) {
      throw new ModelFormatException(
          name + ": no tokenizer that can be used: text with half a surrogate pair");
    }
  }

  private static boolean isUnicode(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isHighSurrogate(text.charAt(i))) {
        i++;
        if (i == text.length() || !Character.isLowSurrogate(text.charAt(i))) {
          return false;
        }
      } else if (Character.isLowSurrogate(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }
}
