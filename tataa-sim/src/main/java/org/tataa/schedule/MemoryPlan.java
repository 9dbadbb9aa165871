package org.tataa.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.tataa.tile.Buffer;
import org.tataa.tile.StepBuffers;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileStep;

/**
 * Addresses of buffers in a core's memory. Constants and states come first and stay; any other
 * buffer has its memory from the first step that uses it to the last.
 */
public final class MemoryPlan {
  private static final long ALIGN = 256;
  private static final long PAGE = 1 << 16;

  private final IdentityHashMap<Buffer, Long> addresses = new IdentityHashMap<>();
  private final List<Buffer> order = new ArrayList<>();
  private final TreeMap<Long, Long> free = new TreeMap<>();
  private long top;

  private MemoryPlan() {}

  /**
   * Plans the memory of a program.
   *
   * @throws ScheduleException if it needs more than can be addressed
   */
  public static MemoryPlan of(TileProgram program) {
    MemoryPlan plan = new MemoryPlan();
    List<Set<Buffer>> uses = new ArrayList<>();
    Map<Buffer, Integer> last = new HashMap<>();
    for (TileStep step : program.steps()) {
      Set<Buffer> used = StepBuffers.of(step);
      for (Buffer buffer : used) {
        if (stays(buffer) && !plan.addresses.containsKey(buffer)) {
          plan.place(buffer, plan.take(buffer.bytes()));
        }
        last.put(buffer, uses.size());
      }
      uses.add(used);
    }
    for (int i = 0; i < uses.size(); i++) {
      for (Buffer buffer : uses.get(i)) {
        if (!plan.addresses.containsKey(buffer)) {
          plan.place(buffer, plan.take(buffer.bytes()));
        }
      }
      for (Buffer buffer : uses.get(i)) {
        if (!stays(buffer) && last.getOrDefault(buffer, -1) == i) {
          plan.release(plan.address(buffer), buffer.bytes());
        }
      }
    }
    if (plan.bytes() > Integer.MAX_VALUE - 2 * PAGE) {
      throw new ScheduleException(
          program.name() + " needs " + plan.bytes() + " bytes of memory per core, at most 2 GiB");
    }
    return plan;
  }

  private static boolean stays(Buffer buffer) {
    return buffer.isConstant() || buffer.isState();
  }

  private void place(Buffer buffer, long address) {
    addresses.put(buffer, address);
    order.add(buffer);
  }

  // First fit, or room at the top.
  private long take(long bytes) {
    long wanted = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    Long address = null;
    for (Map.Entry<Long, Long> hole : free.entrySet()) {
      if (hole.getValue() >= wanted) {
        address = hole.getKey();
        break;
      }
    }
    if (address != null) {
      long rest = free.getOrDefault(address, wanted) - wanted;
      free.remove(address);
      if (rest > 0) {
        free.put(address + wanted, rest);
      }
      return address;
    }
    long end = top;
    top += wanted;
    return end;
  }

  private void release(long address, long bytes) {
    long size = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    long from = address;
    Map.Entry<Long, Long> before = free.lowerEntry(address);
    if (before != null && before.getKey() + before.getValue() == address) {
      from = before.getKey();
      size += before.getValue();
      free.remove(from);
    }
    Long after = free.remove(from + size);
    free.put(from, size + (after == null ? 0 : after));
  }

  /** Address of a buffer in bytes. */
  public long address(Buffer buffer) {
    Long address = addresses.get(buffer);
    if (address == null) {
      throw new IllegalStateException(buffer + " is used by no step");
    }
    return address;
  }

  /** Buffers in the order in which they were placed. */
  public List<Buffer> buffers() {
    return List.copyOf(order);
  }

  /** Bytes of the whole memory. */
  public long bytes() {
    return (top + PAGE) / PAGE * PAGE;
  }
}
