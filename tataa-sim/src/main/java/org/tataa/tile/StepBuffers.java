package org.tataa.tile;

import java.util.LinkedHashSet;
import java.util.Set;

/** The buffers a step reads or writes. */
public final class StepBuffers {
  private StepBuffers() {}

  /** The buffers of a step, each once, in the order in which it names them. */
  public static Set<Buffer> of(TileStep step) {
    Set<Buffer> buffers = new LinkedHashSet<>();
    if (step instanceof FusedNest nest) {
      buffers.addAll(of(nest.products()));
      buffers.addAll(of(nest.lanes()));
    } else if (step instanceof MatMulNest nest) {
      buffers.add(nest.x().buffer());
      buffers.add(nest.y().buffer());
      buffers.add(nest.target().buffer());
    } else if (step instanceof VectorNest nest) {
      for (VectorStep body : nest.body()) {
        if (body instanceof VectorStep.Load load) {
          buffers.add(load.from().buffer());
        } else if (body instanceof VectorStep.Store store) {
          buffers.add(store.to().buffer());
        }
      }
    } else if (step instanceof HostStep.Upload upload) {
      buffers.add(upload.to());
    } else if (step instanceof HostStep.Download download) {
      buffers.add(download.from());
    } else if (step instanceof HostStep.Move move) {
      move.sources().forEach(source -> buffers.add(source.buffer()));
      buffers.add(move.to());
    } else if (step instanceof HostStep.Append append) {
      buffers.add(append.from().buffer());
      buffers.add(append.to());
    }
    return buffers;
  }

  /** The buffers a step writes; the one of sums that are forwarded is none. */
  public static Set<Buffer> writtenBy(TileStep step) {
    Set<Buffer> buffers = new LinkedHashSet<>();
    if (step instanceof MatMulNest nest) {
      buffers.add(nest.target().buffer());
    } else if (step instanceof VectorNest nest) {
      for (VectorStep body : nest.body()) {
        if (body instanceof VectorStep.Store store) {
          buffers.add(store.to().buffer());
        }
      }
    } else if (step instanceof FusedNest nest) {
      buffers.addAll(writtenBy(nest.lanes()));
    } else if (step instanceof HostStep.Upload upload) {
      buffers.add(upload.to());
    } else if (step instanceof HostStep.Move move) {
      buffers.add(move.to());
    } else if (step instanceof HostStep.Append append) {
      buffers.add(append.to());
    }
    return buffers;
  }
}
