package org.tataa.cli;

import org.jspecify.annotations.Nullable;
import org.tataa.pipeline.DecoderWorkload;
import org.tataa.pipeline.Workloads;
import picocli.CommandLine.Option;

/** Which layers of a decoder with random weights are run, and whether one after the other. */
final class LayerOptions {
  @Option(
      names = "--blocks",
      paramLabel = "N",
      description = "Only the first layers of a decoder with random weights (default: all).")
  private @Nullable Integer blocks;

  @Option(
      names = "--layered",
      description =
          "Run a decoder with random weights layer by layer, in less memory; large ones always are.")
  private boolean isLayered;

  /** Whether an option is given, which is for decoders with random weights only. */
  boolean areGiven() {
    return blocks != null || isLayered;
  }

  /**
   * The layers of a decoder that are asked for.
   *
   * @throws InputException if it does not have as many
   */
  DecoderWorkload of(DecoderWorkload workload) {
    Integer first = blocks;
    if (first == null) {
      return workload;
    }
    if (first < 1 || first > workload.layers()) {
      throw new InputException(
          "--blocks " + first + ", expected 1 to " + workload.layers() + " for " + workload.name());
    }
    return workload.withLayers(first);
  }

  /** Whether a decoder is run layer by layer. */
  boolean isLayered(String name) {
    return isLayered || Workloads.isLarge(name);
  }
}
