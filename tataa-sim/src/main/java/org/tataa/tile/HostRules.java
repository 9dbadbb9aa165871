package org.tataa.tile;

import java.util.BitSet;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.tataa.tensor.StateOp;
import org.tataa.tensor.Value;

/**
 * What the host's steps must satisfy: values that are there, tables that stay within tensors and
 * buffers, elements an earlier step has written.
 */
final class HostRules {
  // Where a layout's tables lead: its largest element, and whether all its numbers are possible.
  private record Reach(int largest, boolean isSound) {}

  private final WrittenBytes written;
  private final Set<Value> known;
  private final IdentityHashMap<Layout, Reach> reaches = new IdentityHashMap<>();
  private Consumer<String> problems = problem -> {};

  /**
   * Rules for the steps of a program.
   *
   * @param inputs HOST values that are there before the first step
   */
  HostRules(WrittenBytes written, Set<Value> inputs) {
    this.written = written;
    known = new HashSet<>(inputs);
  }

  private void expected(String what, Object found) {
    problems.accept("expected " + what + ", found " + found);
  }

  /** Whether a value of the host is there. */
  boolean isKnown(Value value) {
    return known.contains(value);
  }

  /** Reports what is wrong, and notes what the step makes. */
  void check(HostStep step, Consumer<String> to) {
    problems = to;
    if (step instanceof HostStep.Compute compute) {
      compute.op().operands().forEach(this::use);
      compute.op().results().forEach(this::make);
    } else if (step instanceof HostStep.Upload upload) {
      use(upload.value());
      if (isWritable(upload.to(), upload.layout(), 2)
          && holds("of " + upload.value(), upload.layout(), upload.value().size())) {
        write(upload.to(), 2L * upload.layout().places());
      }
    } else if (step instanceof HostStep.Download download) {
      download(download);
      make(download.value());
    } else if (step instanceof HostStep.Append append) {
      append(append);
    } else {
      move((HostStep.Move) step);
    }
  }

  private void append(HostStep.Append append) {
    StateOp op = append.op();
    int width = StateTransfer.width(op);
    use(op.position());
    if (!append.to().isState()) {
      expected("a state", append.to());
      return;
    }
    HostStep.Source from = append.from();
    if (!fits(append.to(), append.layout(), width) || !fits(from.buffer(), from.layout(), width)) {
      return;
    }
    int[] places = append.layout().placeOf();
    int[] rows = from.layout().placeOf();
    if (places.length != op.result().size() || rows.length != op.rows().size()) {
      expected("places of all elements of " + op.result() + " and " + op.rows(), places.length);
      return;
    }
    BitSet taken = new BitSet();
    for (int element = 0; element < places.length; element++) {
      if (places[element] < 0 || taken.get(places[element])) {
        expected("a place of its own for element " + element, places[element]);
        return;
      }
      taken.set(places[element]);
    }
    for (int element = 0; element < rows.length; element++) {
      if (!isWritten(from.buffer(), rows, element, width)) {
        return;
      }
    }
  }

  // Padding is written too.
  private void write(Buffer buffer, long bytes) {
    ByteRanges all = ByteRanges.of(new Address(buffer, 0, new long[0]), new int[0], bytes);
    long padding = written.write(buffer, all);
    if (padding >= 0) {
      expected("bytes that are written before they are read", "byte " + padding + " of " + buffer);
    }
  }

  private void use(Value value) {
    if (!known.contains(value)) {
      expected("values made before", value);
    }
  }

  private void make(Value value) {
    if (value.isOnDevice()) {
      expected("a HOST value", value);
    } else if (!known.add(value)) {
      expected("a value made once", value);
    }
  }

  private Reach reach(Layout layout) {
    return reaches.computeIfAbsent(layout, HostRules::measured);
  }

  private static Reach measured(Layout layout) {
    int largest = -1;
    int least = 0;
    for (int element : layout.elements()) {
      largest = Math.max(largest, element);
      least = Math.min(least, element);
    }
    boolean isSound = least >= -1 && layout.elements().length == layout.places();
    for (int place : layout.placeOf()) {
      isSound &= place >= -1 && place < layout.places();
    }
    return new Reach(largest, isSound);
  }

  // Whether a layout is sound and fits a buffer.
  private boolean fits(Buffer buffer, Layout layout, int width) {
    long bytes = (long) width * layout.places();
    if (bytes > buffer.bytes()) {
      expected("a layout of at most " + buffer.bytes() + " bytes for " + buffer, bytes);
      return false;
    }
    if (!reach(layout).isSound()) {
      expected("elements and places within `" + layout.describe() + "`", "others");
      return false;
    }
    return true;
  }

  private boolean isWritable(Buffer buffer, Layout layout, int width) {
    if (buffer.isConstant() || buffer.isState()) {
      expected("a buffer that is no constant and no state", buffer);
      return false;
    }
    return fits(buffer, layout, width);
  }

  private boolean holds(String what, Layout layout, int elements) {
    if (reach(layout).largest() >= elements) {
      expected(
          "elements below " + elements + " " + what,
          reach(layout).largest() + " in `" + layout.describe() + "`");
      return false;
    }
    return true;
  }

  private void download(HostStep.Download download) {
    if (!fits(download.from(), download.layout(), 2)) {
      return;
    }
    int[] places = download.layout().placeOf();
    if (places.length != download.value().size()) {
      expected("places of all elements of " + download.value(), places.length);
      return;
    }
    for (int element = 0; element < places.length; element++) {
      if (!isWritten(download.from(), places, element, 2)) {
        return;
      }
    }
  }

  // Whether an element has a place that was written.
  private boolean isWritten(Buffer buffer, int[] placeOf, int element, int width) {
    int place = placeOf[element];
    if (place < 0) {
      expected("a place of element " + element + " in " + buffer, "none");
      return false;
    }
    if (!written.isWritten(buffer, width * place, width)) {
      expected(
          "elements an earlier step writes",
          "element " + element + " at place " + place + " of " + buffer);
      return false;
    }
    return true;
  }

  private void move(HostStep.Move move) {
    if (move.width() != 1 && move.width() != 2) {
      expected("a width of 1 or 2 bytes", move.width());
      return;
    }
    boolean fits = isWritable(move.to(), move.layout(), move.width());
    for (HostStep.Source source : move.sources()) {
      fits &= fits(source.buffer(), source.layout(), move.width());
    }
    if (!fits || !holds("to be moved", move.layout(), move.element().length)) {
      return;
    }
    if (isSourced(move)) {
      write(move.to(), (long) move.width() * move.layout().places());
    }
  }

  private boolean isSourced(HostStep.Move move) {
    byte[] which = move.source();
    List<HostStep.Source> sources = move.sources();
    if (which != null && which.length != move.element().length) {
      expected(move.element().length + " numbers of sources", which.length);
      return false;
    }
    int[][] places = new int[sources.size()][];
    for (int i = 0; i < places.length; i++) {
      places[i] = sources.get(i).layout().placeOf();
    }
    for (int i = 0; i < move.element().length; i++) {
      int element = move.element()[i];
      if (element < 0) {
        continue;
      }
      int source = which == null ? 0 : which[i];
      if (source < 0 || source >= places.length || element >= places[source].length) {
        expected(
            "an element of a source",
            "element " + element + " of source " + source + " for element " + i);
        return false;
      }
      if (!isWritten(sources.get(source).buffer(), places[source], element, move.width())) {
        return false;
      }
    }
    return true;
  }
}
