package org.tataa.onnx;

/** Half-precision numbers. */
final class Float16 {
  private Float16() {}

  static float toFloat(short bits) {
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    float magnitude =
        exponent == 0
            ? Math.scalb((float) fraction, -24)
            : exponent == 31
                ? (fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN)
                : Math.scalb((float) (fraction | 0x400), exponent - 25);
    return bits < 0 ? -magnitude : magnitude;
  }
}
