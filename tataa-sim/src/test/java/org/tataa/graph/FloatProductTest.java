package org.tataa.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatProductTest {
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 2, 16", "3, 5, 17", "7, 4, 33", "2, 4099, 19", "5, 9, 70000"})
  void addsInTheOrderOfTheDepth(int rows, int depth, int columns) {
    Random random = new Random(7);
    int offset = 3;
    float[] a = values(random, offset + rows * depth);
    float[] b = values(random, offset + depth * columns);
    float[] to = new float[offset + rows * columns];

    FloatProduct.multiply(a, offset, b, offset, to, offset, rows, depth, columns);

    float[] expected = new float[to.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        float sum = a[offset + i * depth] * b[offset + j];
        for (int k = 1; k < depth; k++) {
          sum += a[offset + i * depth + k] * b[offset + k * columns + j];
        }
        expected[offset + i * columns + j] = sum;
      }
    }
    assertArrayEquals(bits(expected), bits(to));
  }

  private static float[] values(Random random, int count) {
    float[] special = {0f, -0f, Float.MIN_VALUE, -1f, 1e30f};
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          random.nextInt(8) == 0
              ? special[random.nextInt(special.length)]
              : (float) random.nextGaussian();
    }
    return values;
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }
}
