package org.tataa.cli;

import org.tataa.isa.Encoding;
import picocli.CommandLine.Option;

/** Option that says which instruction words there are, where no machine does. */
final class EncodingOption {
  @Option(
      names = "--wide",
      description =
          "Also words of machines with larger buffers or a result path, in which bits that are"
              + " unused otherwise say more.")
  private boolean isWide;

  /** The encoding. */
  Encoding encoding() {
    return isWide ? Encoding.WIDE : Encoding.RELEASED;
  }
}
