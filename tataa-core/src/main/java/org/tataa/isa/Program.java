package org.tataa.isa;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import org.tataa.config.IsaProfile;

/**
 * An immutable program, decoded once. Equal programs have equal words; labels do not count.
 *
 * <p>A program file is the bare sequence of 64-bit little-endian words, as the released host loads
 * it.
 */
public final class Program {
  private final long[] words;
  private final Instruction[] instructions;
  private final SortedMap<String, Integer> labels;
  private final int hash;

  private Program(long[] words, Instruction[] instructions, Map<String, Integer> labels) {
    this.words = words;
    this.instructions = instructions;
    this.labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    hash = Arrays.hashCode(words);
  }

  /**
   * A program of instructions.
   *
   * @param instructions in program order
   * @return the program, without labels
   */
  public static Program of(List<? extends Instruction> instructions) {
    return of(instructions, Map.of());
  }

  /**
   * A program of instructions with labels for some of their indices.
   *
   * @param instructions in program order
   * @param labels names as the assembler reads them and indices 0..size
   * @return the program
   * @throws IllegalArgumentException if a label has no such name or index
   */
  public static Program of(List<? extends Instruction> instructions, Map<String, Integer> labels) {
    Instruction[] decoded = instructions.toArray(new Instruction[0]);
    long[] words = new long[decoded.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = InstructionCodec.encode(decoded[i]);
    }
    labels.forEach(
        (name, index) -> {
          if (!SymbolTable.isName(name)) {
            throw new IllegalArgumentException(
                "label `" + name + "`, expected letters, digits, dots and underscores");
          }
          Fields.range("label " + name, index, 0, decoded.length);
        });
    return new Program(words, decoded, labels);
  }

  /**
   * A program of words of the released encoding.
   *
   * @param words in program order
   * @return the program, without labels
   * @throws InstructionFormatException naming the instruction and the bits that are wrong
   */
  public static Program ofWords(long[] words) {
    return ofWords(words, Encoding.RELEASED);
  }

  private static Program ofWords(long[] words, Encoding encoding) {
    Instruction[] decoded = new Instruction[words.length];
    for (int i = 0; i < words.length; i++) {
      try {
        decoded[i] = InstructionCodec.decode(words[i], encoding);
      } catch (InstructionFormatException e) {
        throw new InstructionFormatException(
            "instruction " + i + " (byte offset " + 8L * i + "): " + e.getMessage());
      }
    }
    return new Program(words.clone(), decoded, Map.of());
  }

  /**
   * A program file of the released encoding.
   *
   * @param bytes 64-bit little-endian words
   * @return the program, without labels
   * @throws InstructionFormatException if the length is no multiple of 8 or a word is malformed
   */
  public static Program fromBytes(byte[] bytes) {
    return fromBytes(bytes, Encoding.RELEASED);
  }

  /**
   * A program file.
   *
   * @param bytes 64-bit little-endian words
   * @param encoding which bits of them may be used
   * @return the program, without labels
   * @throws InstructionFormatException if the length is no multiple of 8 or a word is malformed
   */
  public static Program fromBytes(byte[] bytes, Encoding encoding) {
    if (bytes.length % Long.BYTES != 0) {
      throw new InstructionFormatException(
          "instruction "
              + bytes.length / Long.BYTES
              + " (byte offset "
              + bytes.length / Long.BYTES * Long.BYTES
              + "): program of "
              + bytes.length
              + " bytes ends inside a word, expected a multiple of 8 bytes");
    }
    long[] words = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words);
    return ofWords(words, encoding);
  }

  /** {@return the program file: 64-bit little-endian words} */
  public byte[] toBytes() {
    ByteBuffer bytes =
        ByteBuffer.allocate(words.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(words);
    return bytes.array();
  }

  /** {@return the number of instructions} */
  public int size() {
    return words.length;
  }

  /**
   * An encoded instruction.
   *
   * @param index 0..size-1
   * @return its word
   * @throws IndexOutOfBoundsException if {@code index} is not in 0..size-1
   */
  public long word(int index) {
    return words[index];
  }

  /**
   * A decoded instruction.
   *
   * @param index 0..size-1
   * @return always the same object for an index
   * @throws IndexOutOfBoundsException if {@code index} is not in 0..size-1
   */
  public Instruction instruction(int index) {
    return instructions[index];
  }

  /** {@return the labels by name with the instruction indices they name; unmodifiable} */
  public SortedMap<String, Integer> labels() {
    return labels;
  }

  /**
   * The same instructions with other addresses of memory.
   *
   * @param moved gives the new address for one of a LOAD or STORE, in bytes
   * @return the program; labels stay
   * @throws IllegalArgumentException if a new address is out of range
   */
  public Program moved(LongUnaryOperator moved) {
    long[] newWords = words.clone();
    Instruction[] newInstructions = instructions.clone();
    for (int i = 0; i < words.length; i++) {
      Instruction made = instructions[i];
      if (made instanceof LoadV load) {
        long to = moved.applyAsLong(load.address());
        made = new LoadV(load.bank(), load.slot(), to, load.bytes());
      } else if (made instanceof LoadM load) {
        long to = moved.applyAsLong(load.address());
        made = new LoadM(load.operand(), load.tile(), load.depth(), to, load.bytes());
      } else if (made instanceof Store store) {
        long to = moved.applyAsLong(store.address());
        made = new Store(store.mode(), store.transpose(), store.words(), to, store.bytes());
      } else {
        continue;
      }
      newInstructions[i] = made;
      newWords[i] = InstructionCodec.encode(made);
    }
    return new Program(newWords, newInstructions, labels);
  }

  /**
   * Programs as one, in their order.
   *
   * @param programs each ends with its only HALT, or has none; at least one
   * @return the program, which ends as the last one does, without labels; the program itself if it
   *     is alone
   */
  public static Program joined(List<Program> programs) {
    if (programs.size() == 1) {
      return programs.get(0);
    }
    int size = 0;
    for (int i = 0; i < programs.size(); i++) {
      size += i + 1 < programs.size() ? programs.get(i).sizeWithoutHalt() : programs.get(i).size();
    }
    long[] words = new long[size];
    Instruction[] instructions = new Instruction[size];
    int at = 0;
    for (Program program : programs) {
      int count = Math.min(program.size(), size - at);
      System.arraycopy(program.words, 0, words, at, count);
      System.arraycopy(program.instructions, 0, instructions, at, count);
      at += program.sizeWithoutHalt();
    }
    return new Program(words, instructions, Map.of());
  }

  /** {@return the number of instructions but for a HALT at the end} */
  public int sizeWithoutHalt() {
    boolean ends = words.length > 0 && instructions[words.length - 1] instanceof Halt;
    return words.length - (ends ? 1 : 0);
  }

  /**
   * Some instructions of the program.
   *
   * @param from number of the first
   * @param to number of the one after the last
   * @return a program of them, without labels; the program itself if it is all
   * @throws IndexOutOfBoundsException if there are no such numbers
   */
  public Program section(int from, int to) {
    Objects.checkFromToIndex(from, to, words.length);
    return from == 0 && to == words.length
        ? this
        : new Program(
            Arrays.copyOfRange(words, from, to),
            Arrays.copyOfRange(instructions, from, to),
            Map.of());
  }

  /**
   * Demands that every instruction exists in a profile.
   *
   * @param profile what the machine offers
   * @return this program
   * @throws InstructionFormatException naming the first instruction that does not
   */
  public Program requireProfile(IsaProfile profile) {
    if (profile == IsaProfile.PUBLISHED) {
      for (int i = 0; i < instructions.length; i++) {
        if (instructions[i] instanceof VectorOp op && op.isExtension()) {
          throw new InstructionFormatException(
              "instruction "
                  + i
                  + ": "
                  + op.mnemonic()
                  + " is not in ISA profile PUBLISHED, expected V.MUL, V.ADD or V.APP (bits 59:56 ="
                  + " 0)");
        }
      }
    }
    return this;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Program program && Arrays.equals(words, program.words);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return "program of " + words.length + " instructions";
  }
}
