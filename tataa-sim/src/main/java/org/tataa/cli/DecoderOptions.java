package org.tataa.cli;

import org.jspecify.annotations.Nullable;
import org.tataa.pipeline.DecoderWorkload;
import org.tataa.pipeline.Workloads;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of decoders that have random weights. */
final class DecoderOptions {
  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "Tokens a decoder with random weights is run on (default: 128).")
  private @Nullable Integer tokens;

  @Mixin private LayerOptions layers = new LayerOptions();

  /**
   * The decoder of a name, as large as asked for; null if the name is of none.
   *
   * @throws InputException if an option does not fit it
   */
  @Nullable DecoderWorkload of(String name) {
    DecoderWorkload workload = Workloads.decoder(name);
    if (workload == null) {
      if (tokens != null || layers.areGiven()) {
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
    return layers.of(workload);
  }

  /** Whether a decoder is run layer by layer. */
  boolean isLayered(String name) {
    return layers.isLayered(name);
  }

  int tokens() {
    Integer given = tokens;
    return given == null ? Workloads.DECODER_TOKENS : given;
  }
}
