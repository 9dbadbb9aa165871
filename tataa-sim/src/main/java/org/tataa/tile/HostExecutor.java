package org.tataa.tile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tataa.graph.NdTensor;
import org.tataa.tensor.HostValues;
import org.tataa.tensor.StateOp;
import org.tataa.tensor.Value;

/** Does the host's steps of a tile program, for whatever holds the buffers. */
public final class HostExecutor {
  /** The core's memory, by buffers. */
  public interface Memory {
    /** Content of a buffer; not to be written to. */
    byte[] read(Buffer buffer);

    /** Overwrites a buffer from its start. */
    default void write(Buffer buffer, byte[] bytes) {
      write(buffer, 0, bytes);
    }

    /** Overwrites a part of a buffer. */
    void write(Buffer buffer, int from, byte[] bytes);
  }

  private final Memory memory;
  private final Map<Value, NdTensor> values = new HashMap<>();

  /**
   * An executor for one run.
   *
   * @param inputs HOST values of the inputs
   */
  public HostExecutor(Memory memory, Map<Value, NdTensor> inputs) {
    this.memory = memory;
    values.putAll(inputs);
  }

  /**
   * Does a step.
   *
   * @return bytes moved to, from or within the device's memory
   */
  public long execute(HostStep step) {
    if (step instanceof HostStep.Compute compute) {
      List<NdTensor> operands = new ArrayList<>();
      compute.op().operands().forEach(operand -> operands.add(value(operand)));
      HostValues.compute(compute.op(), operands, values);
      return 0;
    }
    if (step instanceof HostStep.Upload upload) {
      return upload(upload);
    }
    if (step instanceof HostStep.Download download) {
      short[] bits = elements(memory.read(download.from()), download.layout(), 2);
      values.put(download.value(), HostValues.exact(bits, download.value().shape()));
      return 2L * bits.length;
    }
    if (step instanceof HostStep.Append append) {
      return append(append);
    }
    return move((HostStep.Move) step);
  }

  // Bytes that follow each other are written at once.
  private long append(HostStep.Append append) {
    StateOp op = append.op();
    int width = StateTransfer.width(op);
    HostStep.Source from = append.from();
    short[] rows = elements(memory.read(from.buffer()), from.layout(), width);
    int[] placeOf = append.layout().placeOf();
    int[] starts = op.starts(value(op.position()).at(0));
    long[] writes = new long[rows.length];
    for (int i = 0; i < writes.length; i++) {
      int element = starts[i / op.run()] + i % op.run();
      writes[i] = (long) placeOf[element] << 32 | i;
    }
    Arrays.sort(writes);
    for (int first = 0, end; first < writes.length; first = end) {
      int place = (int) (writes[first] >> 32);
      end = first + 1;
      while (end < writes.length && writes[end] >> 32 == place + end - first) {
        end++;
      }
      byte[] bytes = new byte[width * (end - first)];
      for (int i = first; i < end; i++) {
        put(bytes, i - first, width, rows[(int) writes[i]]);
      }
      memory.write(append.to(), width * place, bytes);
    }
    return (long) width * rows.length;
  }

  private long upload(HostStep.Upload upload) {
    NdTensor tensor = value(upload.value());
    int[] elements = upload.layout().elements();
    byte[] bytes = new byte[2 * elements.length];
    for (int place = 0; place < elements.length; place++) {
      if (elements[place] >= 0) {
        put(bytes, place, 2, HostValues.pattern((float) tensor.at(elements[place])));
      }
    }
    memory.write(upload.to(), bytes);
    return bytes.length;
  }

  private long move(HostStep.Move move) {
    short[][] sources = new short[move.sources().size()][];
    for (int i = 0; i < sources.length; i++) {
      HostStep.Source source = move.sources().get(i);
      sources[i] = elements(memory.read(source.buffer()), source.layout(), move.width());
    }
    int[] elements = move.layout().elements();
    byte[] bytes = new byte[move.width() * elements.length];
    byte[] which = move.source();
    for (int place = 0; place < elements.length; place++) {
      int element = elements[place];
      if (element >= 0 && move.element()[element] >= 0) {
        short[] source = sources[which == null ? 0 : which[element]];
        put(bytes, place, move.width(), source[move.element()[element]]);
      }
    }
    memory.write(move.to(), bytes);
    return bytes.length;
  }

  static void put(byte[] bytes, int place, int width, short bits) {
    bytes[width * place] = (byte) bits;
    if (width == 2) {
      bytes[2 * place + 1] = (byte) (bits >> 8);
    }
  }

  /**
   * The elements of a tensor in a buffer.
   *
   * @param width bytes of an element, 2 for bfloat16 patterns or 1 for int8
   */
  public static short[] elements(byte[] bytes, Layout layout, int width) {
    int[] placeOf = layout.placeOf();
    short[] result = new short[placeOf.length];
    for (int element = 0; element < result.length; element++) {
      int place = placeOf[element];
      if (place >= 0) {
        result[element] =
            width == 1
                ? bytes[place]
                : (short) (bytes[2 * place] & 0xff | bytes[2 * place + 1] << 8);
      }
    }
    return result;
  }

  /** A value of the host. */
  public NdTensor value(Value value) {
    NdTensor known = values.get(value);
    if (known == null) {
      throw new TileException(value + " has no value yet");
    }
    return known;
  }

  /** The outputs by name, in order. */
  public Map<String, NdTensor> outputs(Map<String, Value> outputs) {
    Map<String, NdTensor> result = new LinkedHashMap<>();
    outputs.forEach((name, value) -> result.put(name, value(value)));
    return result;
  }
}
