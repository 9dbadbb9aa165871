package org.tataa.compiler;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxBuilder;

/**
 * Causal attention in which keys that are hidden from the first half of the queries outscore the
 * visible ones by 40 nats, or less and more: they must enter neither the maximum nor the sum. The
 * bounds are those of the same attention without a mask.
 */
class HiddenKeysTest {
  private static final int HEADS = 2;
  private static final int TOKENS = 40;
  private static final int DEPTH = 32;
  private static final double NATS = 40;

  private static final Set<String> ALL_PASSES = Set.copyOf(Passes.names());

  /** How the mask is said. */
  enum Spelling {
    NONE,
    CONSTANT,
    WHERE,
    INPUT
  }

  @ParameterizedTest
  @CsvSource({"-1e4", "-1e9", "-3.4028235e38", "-Infinity"})
  void additive(float hidden) throws IOException {
    check(Spelling.CONSTANT, hidden, NATS);
  }

  // Few enough that exponentials need no maximum, and too many.
  @ParameterizedTest
  @ValueSource(doubles = {3, 15, 25, 60})
  void outscored(double nats) throws IOException {
    check(Spelling.CONSTANT, Float.NEGATIVE_INFINITY, nats);
    check(Spelling.NONE, Float.NEGATIVE_INFINITY, nats);
  }

  @ParameterizedTest
  @EnumSource(Spelling.class)
  void spelled(Spelling spelling) throws IOException {
    check(spelling, spelling == Spelling.INPUT ? -3.4028235e38f : Float.NEGATIVE_INFINITY, NATS);
  }

  private static void check(Spelling spelling, float hidden, double nats) throws IOException {
    OnnxBuilder b = new OnnxBuilder(17, 5);
    String q = b.input("q", 1, HEADS, TOKENS, DEPTH);
    String k = b.input("k", 1, HEADS, TOKENS, DEPTH);
    String v = b.input("v", 1, HEADS, TOKENS, DEPTH);
    String scores =
        b.op("Mul", b.op("MatMul", q, b.transpose(k, 0, 1, 3, 2)), b.number(1 / Math.sqrt(DEPTH)));
    scores =
        switch (spelling) {
          case NONE -> scores;
          case CONSTANT -> b.op("Add", scores, b.floats(mask(hidden), 1, 1, TOKENS, TOKENS));
          case WHERE ->
              b.op("Where", b.booleans(visible(), 1, 1, TOKENS, TOKENS), scores, b.number(hidden));
          case INPUT -> b.op("Add", scores, b.input("mask", 1, 1, TOKENS, TOKENS));
        };
    String p = b.op("Softmax", Map.of("axis", -1L), scores);
    byte[] file = b.build(b.op("MatMul", p, v));
    List<Map<String, NdTensor>> samples = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Random random = new Random(i);
      Map<String, NdTensor> sample = new LinkedHashMap<>();
      boolean isMasked = spelling != Spelling.NONE;
      sample.put("q", operand(random, nats, isMasked ? 0 : TOKENS, TOKENS / 2));
      sample.put("k", operand(random, nats, TOKENS / 2, isMasked ? TOKENS : 0));
      sample.put("v", operand(random, nats, TOKENS, 0));
      if (spelling == Spelling.INPUT) {
        sample.put("mask", NdTensor.of(mask(hidden), 1, 1, TOKENS, TOKENS));
      }
      samples.add(sample);
    }
    Agreement.Case test = new Agreement.Case(file, samples, Set.of());
    CompilationTest.check(test, 0.997, Set.of());
    CompilationTest.check(test, 0.98, ALL_PASSES);
  }

  // Normally distributed; half of the channels of tokens of a range are large, so that such a query
  // scores such a key high.
  private static NdTensor operand(Random random, double nats, int from, int to) {
    float[] values = new float[HEADS * TOKENS * DEPTH];
    double large = Math.sqrt(nats * Math.sqrt(DEPTH) / (DEPTH / 2.0));
    for (int i = 0; i < values.length; i++) {
      int token = i / DEPTH % TOKENS;
      boolean isLarge = token >= from && token < to && i % DEPTH < DEPTH / 2;
      values[i] = (float) (random.nextGaussian() + (isLarge ? large : 0));
    }
    return NdTensor.of(values, 1, HEADS, TOKENS, DEPTH);
  }

  private static boolean[] visible() {
    boolean[] visible = new boolean[TOKENS * TOKENS];
    for (int i = 0; i < visible.length; i++) {
      visible[i] = i % TOKENS <= i / TOKENS;
    }
    return visible;
  }

  private static float[] mask(float hidden) {
    float[] mask = new float[TOKENS * TOKENS];
    Arrays.fill(mask, hidden);
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % TOKENS <= i / TOKENS ? 0 : hidden;
    }
    return mask;
  }
}
