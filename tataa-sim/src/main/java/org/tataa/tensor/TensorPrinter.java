package org.tataa.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Collectors;
import org.tataa.numeric.Bfloat16;

/**
 * A tensor program as text, one operation after the other; the same text for the same program.
 *
 * <pre>
 * program block: 5 operations, 32 macs
 *   %x: host[1,4] = input FLOAT
 *   %bias: bf16[1,4] = constant [1.0, 2.0, 3.0, 4.0]
 * output y = %y
 * </pre>
 *
 * <p>Lines longer than {@value #WIDTH} characters are continued with a deeper indent. Of a large
 * constant the first values are shown and the start of the SHA-256 of its patterns.
 */
public final class TensorPrinter {
  private static final int WIDTH = 100;
  private static final int SHOWN_WHOLE = 8;
  private static final int SHOWN_FIRST = 4;
  private static final String CONTINUED = "      ";

  private TensorPrinter() {}

  /** The text, lines ended by {@code \n}. */
  public static String print(TensorProgram program) {
    StringBuilder text = new StringBuilder("program ");
    text.append(program.name())
        .append(": ")
        .append(program.ops().size())
        .append(" operations, ")
        .append(program.macs())
        .append(" macs\n");
    for (TensorOp op : program.ops()) {
      wrap("  " + print(op), text);
    }
    program
        .outputs()
        .forEach((name, value) -> wrap("output " + name + " = %" + value.name(), text));
    return text.toString();
  }

  /** One operation with its results, not wrapped. */
  public static String print(TensorOp op) {
    String results = op.results().stream().map(Value::toString).collect(Collectors.joining(", "));
    String does = op instanceof ConstantOp constant ? summary(constant) : op.describe();
    return results + " = " + does;
  }

  private static String summary(ConstantOp op) {
    int size = op.bits().length;
    StringBuilder text = new StringBuilder("constant [");
    for (int i = 0; i < (size <= SHOWN_WHOLE ? size : SHOWN_FIRST); i++) {
      text.append(i == 0 ? "" : ", ");
      if (op.result().element() == Element.INT8) {
        text.append(op.bits()[i]);
      } else {
        text.append(Bfloat16.toFloat(op.bits()[i]));
      }
    }
    return size <= SHOWN_WHOLE
        ? text.append("]").toString()
        : text.append(", ..] sha256 ").append(digest(op.bits())).toString();
  }

  private static String digest(short[] bits) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * bits.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(bits);
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes.array());
      return HexFormat.of().formatHex(digest, 0, 6).toLowerCase(Locale.ROOT);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  // Breaks after a step of an expression if there is one in the second half of the line, else at a
  // space. A word that is longer than a line stays whole.
  private static void wrap(String line, StringBuilder text) {
    String rest = line;
    while (rest.length() > WIDTH) {
      int at = rest.lastIndexOf("; ", WIDTH - 1) + 1;
      if (at < WIDTH / 2) {
        at = rest.lastIndexOf(' ', WIDTH);
      }
      int indent = rest.length() - rest.stripLeading().length();
      if (at <= indent) {
        at = rest.indexOf(' ', WIDTH);
      }
      if (at < 0) {
        break;
      }
      text.append(rest, 0, at).append('\n');
      rest = CONTINUED + rest.substring(at + 1);
    }
    text.append(rest).append('\n');
  }
}
