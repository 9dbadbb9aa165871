package org.tataa.cli;

import org.jspecify.annotations.Nullable;
import org.tataa.pipeline.DecoderWorkload;
import org.tataa.pipeline.Workloads;
import picocli.CommandLine.Option;

/** Options of decoders that have random weights. */
final class DecoderOptions {
  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "Tokens a decoder with random weights is run on (default: 128).")
  private @Nullable Integer tokens;

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

  /**
   * The decoder of a name, as large as asked for; null if the name is of none.
   *
   * @throws InputException if an option does not fit it
   */
  @Nullable DecoderWorkload of(String name) {
    DecoderWorkload workload = Workloads.decoder(name);
    if (workload == null) {
      if (tokens != null || blocks != null || isLayered) {
        throw new InputException(
            name
                + ": --tokens, --blocks and --layered are for decoders with random weights, as"
                + " llama-7b");
      }
      return null;
    }
    if (tokens() < 1 || tokens() > workload.positions()) {
      throw new InputException(
          "--tokens " + tokens + ", expected 1 to " + workload.positions() + " for " + name);
    }
    return withBlocks(workload, blocks);
  }

  /**
   * The first layers of a decoder.
   *
   * @param first how many; null for all
   */
  static DecoderWorkload withBlocks(DecoderWorkload workload, @Nullable Integer first) {
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

  int tokens() {
    Integer given = tokens;
    return given == null ? Workloads.DECODER_TOKENS : given;
  }
}
