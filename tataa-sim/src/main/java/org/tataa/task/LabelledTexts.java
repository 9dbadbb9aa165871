package org.tataa.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Sentences of three sources with a sentiment each: 1 if it is positive, else 0. They are those of
 * Kotzias et al., From Group to Individual Labels using Deep Features, 2015, as npm package
 * sentiment has them in {@code test/fixtures}: {@code amazon.json}, {@code imdb.json} and {@code
 * yelp.json}, arrays of {@code {"text": ..., "class": ...}}.
 *
 * @param texts the sentences
 * @param classes 0 or 1 for each
 */
public record LabelledTexts(List<String> texts, List<Integer> classes) {
  private static final List<String> FILES = List.of("amazon.json", "imdb.json", "yelp.json");
  private static final long SEED = 2015;

  /** Takes copies. */
  public LabelledTexts {
    texts = List.copyOf(texts);
    classes = List.copyOf(classes);
  }

  /**
   * All sentences in a fixed random order, the sources in turn.
   *
   * @param directory where the files are
   * @throws IOException if one cannot be read or has no sentences
   */
  public static LabelledTexts read(Path directory) throws IOException {
    List<List<JsonNode>> sources = new ArrayList<>();
    int least = Integer.MAX_VALUE;
    for (String name : FILES) {
      List<JsonNode> source = new ArrayList<>();
      for (JsonNode node : new ObjectMapper().readTree(directory.resolve(name).toFile())) {
        if (node.path("text").isTextual() && node.path("class").isInt()) {
          source.add(node);
        }
      }
      if (source.isEmpty()) {
        throw new IOException(directory.resolve(name) + " has no sentences with a class");
      }
      Collections.shuffle(source, new Random(SEED));
      least = Math.min(least, source.size());
      sources.add(source);
    }
    List<String> texts = new ArrayList<>();
    List<Integer> classes = new ArrayList<>();
    for (int i = 0; i < least; i++) {
      for (List<JsonNode> source : sources) {
        texts.add(source.get(i).path("text").asText());
        classes.add(source.get(i).path("class").asInt());
      }
    }
    return new LabelledTexts(texts, classes);
  }

  /**
   * The first of those whose text is wanted.
   *
   * @param count how many, if there are as many
   */
  public LabelledTexts first(int count, Predicate<String> wanted) {
    List<Integer> numbers =
        IntStream.range(0, size())
            .filter(i -> wanted.test(texts.get(i)))
            .limit(count)
            .boxed()
            .toList();
    return new LabelledTexts(
        numbers.stream().map(texts::get).toList(), numbers.stream().map(classes::get).toList());
  }

  /** How many. */
  public int size() {
    return texts.size();
  }
}
