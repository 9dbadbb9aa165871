package org.tataa.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Changes inputs. Bytes are flipped, dropped, repeated, taken from another seed and made lengths
 * beyond all bounds; of texts also whole words and numbers, and brackets are opened deep.
 */
final class InputMutator {
  private static final Pattern WORD = Pattern.compile("[A-Za-z_]\\w*|-?\\d[\\d_.]*|\\S");
  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-1",
          "1",
          "127",
          "255",
          "65536",
          "2147483647",
          "2147483648",
          "4294967296",
          "1099511627776",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775808",
          "99999999999999999999999999",
          "0x7fffffffffffffff",
          "1e999999999",
          "1e-999999999",
          "0.5",
          "NaN",
          "null",
          "true",
          "\"\"");
  private static final long[] EXTREMES = {
    0,
    1,
    -1,
    127,
    128,
    255,
    32767,
    65535,
    1 << 30,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };
  private static final String OPENING = "[{(&*\"'-";

  private final boolean isText;
  private final List<byte[]> seeds;
  private final List<String> words = new ArrayList<>();

  InputMutator(InputKind kind) {
    isText = kind.isText();
    seeds = kind.seeds();
    if (isText) {
      for (byte[] seed : seeds) {
        Matcher matcher = WORD.matcher(new String(seed, ISO_8859_1));
        while (matcher.find() && words.size() < 5000) {
          words.add(matcher.group());
        }
      }
    }
  }

  /** An input of a seed of randomness; one in fifty is a file as it is. */
  byte[] input(long seed) {
    Random random = new Random(seed);
    byte[] input = seeds.get(random.nextInt(seeds.size())).clone();
    if (random.nextInt(50) == 0) {
      return input;
    }
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      input =
          isText && random.nextInt(4) > 0
              ? changedText(new String(input, ISO_8859_1), random).getBytes(ISO_8859_1)
              : changedBytes(input, random);
    }
    return input;
  }

  private String changedText(String text, Random random) {
    List<int[]> found = new ArrayList<>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      found.add(new int[] {matcher.start(), matcher.end()});
    }
    if (found.isEmpty()) {
      return word(random);
    }
    int[] at = found.get(random.nextInt(found.size()));
    int[] to = found.get(random.nextInt(found.size()));
    String before = text.substring(0, at[0]);
    String after = text.substring(at[1]);
    return switch (random.nextInt(7)) {
      case 0 -> before + after;
      case 1 -> before + word(random) + after;
      case 2 -> before + number(random) + after;
      case 3 -> text.substring(0, at[1]) + " " + word(random) + " " + after;
      case 4 -> before + text.substring(to[0], to[1]) + after;
      case 5 -> {
        int from = Math.min(at[0], to[0]);
        int end = Math.min(Math.max(at[1], to[1]), from + 400);
        yield text.substring(0, end) + text.substring(from);
      }
      default -> {
        String bracket = String.valueOf(OPENING.charAt(random.nextInt(OPENING.length())));
        yield before
            + bracket.repeat(1 + random.nextInt(random.nextInt(50) == 0 ? 30_000 : 9))
            + after;
      }
    };
  }

  private String word(Random random) {
    return words.isEmpty() ? "a" : words.get(random.nextInt(words.size()));
  }

  private static String number(Random random) {
    return NUMBERS.get(random.nextInt(NUMBERS.size()));
  }

  private byte[] changedBytes(byte[] input, Random random) {
    if (input.length == 0) {
      return new byte[] {(byte) random.nextInt(256)};
    }
    // The structure of a large file is at its front.
    int front = random.nextBoolean() ? input.length : Math.min(input.length, 64);
    int at = random.nextInt(front);
    switch (random.nextInt(8)) {
      case 0 -> input[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> input[at] = (byte) random.nextInt(256);
      case 2 -> {
        return Arrays.copyOf(input, at);
      }
      case 3 -> {
        return spliced(input, at, at + 1 + random.nextInt(16), new byte[0]);
      }
      case 4 -> {
        byte[] made = new byte[random.nextInt(24)];
        random.nextBytes(made);
        return spliced(input, at, at, made);
      }
      case 5 -> extreme(input, at, random);
      case 6 -> {
        byte[] other = seeds.get(random.nextInt(seeds.size()));
        int from = other.length == 0 ? 0 : random.nextInt(other.length);
        int to = Math.min(other.length, from + random.nextInt(200));
        return spliced(input, at, at + random.nextInt(200), Arrays.copyOfRange(other, from, to));
      }
      default -> {
        // The same once more.
        int to = Math.min(input.length, at + random.nextInt(64));
        return spliced(input, to, to, Arrays.copyOfRange(input, at, to));
      }
    }
    return input;
  }

  private static void extreme(byte[] input, int at, Random random) {
    ByteBuffer buffer =
        ByteBuffer.wrap(input)
            .order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long value = EXTREMES[random.nextInt(EXTREMES.length)];
    int bytes = 1 << random.nextInt(4);
    if (at + bytes > input.length) {
      return;
    }
    switch (bytes) {
      case 1 -> buffer.put(at, (byte) value);
      case 2 -> buffer.putShort(at, (short) value);
      case 4 -> buffer.putInt(at, (int) value);
      default -> buffer.putLong(at, value);
    }
  }

  private static byte[] spliced(byte[] input, int from, int to, byte[] inserted) {
    int end = Math.min(to, input.length);
    byte[] result = new byte[from + inserted.length + input.length - end];
    System.arraycopy(input, 0, result, 0, from);
    System.arraycopy(inserted, 0, result, from, inserted.length);
    System.arraycopy(input, end, result, from + inserted.length, input.length - end);
    return result;
  }
}
