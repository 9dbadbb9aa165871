package org.tataa.isa;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An immutable program, decoded once. Equal programs have equal words; labels do not count.
 *
 * <p>A program file is the bare sequence of 64-bit little-endian words, as the released host loads it.
 */
public final class Program {
  private final long[] words;
  private final Instruction[] instructions;
  private final Map<String, Integer> labels;

  private Program(long[] words, Instruction[] instructions, Map<String, Integer> labels) {
    this.words = words;
    this.instructions = instructions;
    this.labels = java.util.Collections.unmodifiableMap(new TreeMap<>(labels));
  }

  /** A program of instructions. */
  public static Program of(List<? extends Instruction> instructions) {
    return of(instructions, Map.of());
  }

  /** A program of instructions with labels for some of their indices. */
  public static Program of(
      List<? extends Instruction> instructions, Map<String, Integer> labels) {
    Instruction[] decoded = instructions.toArray(new Instruction[0]);
    long[] words = new long[decoded.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = InstructionCodec.encode(decoded[i]);
    }
    return new Program(words, decoded, labels);
  }

  /**
   * A program of encoded words.
   *
   * @throws InstructionFormatException naming the instruction and the bits that are wrong
   */
  public static Program ofWords(long[] words) {
    Instruction[] decoded = new Instruction[words.length];
    for (int i = 0; i < words.length; i++) {
      try {
        decoded[i] = InstructionCodec.decode(words[i]);
      } catch (InstructionFormatException e) {
        throw new InstructionFormatException(
            "instruction " + i + " (byte offset " + 8L * i + "): " + e.getMessage());
      }
    }
    return new Program(words.clone(), decoded, Map.of());
  }

  /**
   * A program file.
   *
   * @throws InstructionFormatException if the length is no multiple of 8 or a word is malformed
   */
  public static Program fromBytes(byte[] bytes) {
    if (bytes.length % Long.BYTES != 0) {
      throw new InstructionFormatException(
          "program of " + bytes.length + " bytes is truncated at byte offset "
              + bytes.length / Long.BYTES * Long.BYTES + ", expected a multiple of 8 bytes");
    }
    long[] words = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words);
    return ofWords(words);
  }

  /** The program file. */
  public byte[] toBytes() {
    ByteBuffer bytes =
        ByteBuffer.allocate(words.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(words);
    return bytes.array();
  }

  /** Instructions in the program. */
  public int size() {
    return words.length;
  }

  /** An encoded instruction. */
  public long word(int index) {
    return words[index];
  }

  /** A decoded instruction. */
  public Instruction instruction(int index) {
    return instructions[index];
  }

  /** Labels of the assembly source and the instruction indices they name. */
  public Map<String, Integer> labels() {
    return labels;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Program program && Arrays.equals(words, program.words);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(words);
  }

  @Override
  public String toString() {
    return "program of " + words.length + " instructions";
  }
}
