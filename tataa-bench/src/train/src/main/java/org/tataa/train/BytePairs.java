package org.tataa.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A vocabulary of byte pairs: all bytes, and pairs of tokens that are frequent within words, the
 * most frequent first.
 *
 * @param tokens the vocabulary
 * @param merges pairs in their order
 */
record BytePairs(List<String> tokens, List<Pair> merges) {
  private static final int BYTES = 256;

  // How the pre-tokenizer "ByteLevel" cuts a text.
  private static final Pattern WORD =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

  /** Two tokens side by side. */
  record Pair(String left, String right) implements Comparable<Pair> {
    @Override
    public int compareTo(Pair other) {
      int order = left.compareTo(other.left);
      return order != 0 ? order : right.compareTo(other.right);
    }
  }

  private record Word(List<String> parts, int count) {}

  /** Learns a vocabulary of a size. */
  static BytePairs learn(Iterable<String> texts, int size) {
    Map<String, Integer> counts = new TreeMap<>();
    for (String text : texts) {
      Matcher words = WORD.matcher(text);
      while (words.find()) {
        counts.merge(words.group(), 1, Integer::sum);
      }
    }
    List<Word> words = new ArrayList<>();
    counts.forEach((word, count) -> words.add(new Word(letters(word), count)));
    List<String> tokens = new ArrayList<>();
    for (int value = 0; value < BYTES; value++) {
      tokens.add(letter(value));
    }
    List<Pair> merges = new ArrayList<>();
    while (tokens.size() < size) {
      Pair best = mostFrequent(words);
      merges.add(best);
      tokens.add(best.left() + best.right());
      words.forEach(word -> merge(word.parts(), best));
    }
    return new BytePairs(tokens, merges);
  }

  private static Pair mostFrequent(List<Word> words) {
    Map<Pair, Integer> pairs = new HashMap<>();
    for (Word word : words) {
      for (int i = 1; i < word.parts().size(); i++) {
        Pair pair = new Pair(word.parts().get(i - 1), word.parts().get(i));
        pairs.merge(pair, word.count(), Integer::sum);
      }
    }
    return pairs.entrySet().stream()
        .max(
            Map.Entry.<Pair, Integer>comparingByValue()
                .thenComparing(Map.Entry.<Pair, Integer>comparingByKey().reversed()))
        .orElseThrow(() -> new IllegalArgumentException("the text has no more pairs"))
        .getKey();
  }

  private static void merge(List<String> parts, Pair pair) {
    for (int i = 1; i < parts.size(); i++) {
      if (parts.get(i - 1).equals(pair.left()) && parts.get(i).equals(pair.right())) {
        parts.set(i - 1, pair.left() + pair.right());
        parts.remove(i);
      }
    }
  }

  private static List<String> letters(String word) {
    List<String> letters = new ArrayList<>();
    for (byte value : word.getBytes(StandardCharsets.UTF_8)) {
      letters.add(letter(value & 255));
    }
    return letters;
  }

  // The printable letter that stands for a byte: itself, or one behind the 256 in their order.
  private static String letter(int value) {
    int before = 0;
    for (int other = 0; other < value; other++) {
      before += isPrintable(other) ? 0 : 1;
    }
    return String.valueOf((char) (isPrintable(value) ? value : BYTES + before));
  }

  private static boolean isPrintable(int value) {
    return value > 32 && value < 127 || value > 160 && value != 173;
  }

  /** Writes the vocabulary as a Hugging Face {@code tokenizer.json}. */
  void write(Path file) throws IOException {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    tokens.forEach(token -> numbers.put(token, numbers.size()));
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    model.put("dropout", null);
    model.put("unk_token", null);
    model.put("continuing_subword_prefix", null);
    model.put("end_of_word_suffix", null);
    model.put("fuse_unk", false);
    model.put("vocab", numbers);
    model.put("merges", merges.stream().map(pair -> pair.left() + " " + pair.right()).toList());
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("version", "1.0");
    all.put("truncation", null);
    all.put("padding", null);
    all.put("added_tokens", List.of());
    all.put("normalizer", null);
    all.put("pre_tokenizer", byteLevel());
    all.put("post_processor", null);
    all.put("decoder", byteLevel());
    all.put("model", model);
    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), all);
  }

  private static Map<String, Object> byteLevel() {
    Map<String, Object> level = new LinkedHashMap<>();
    level.put("type", "ByteLevel");
    level.put("add_prefix_space", false);
    level.put("trim_offsets", true);
    level.put("use_regex", true);
    return level;
  }
}
