package org.tataa.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tataa.explore.EnergyTable;
import picocli.CommandLine.Option;

/** Option that asks for an estimate of energy, shared by several commands. */
final class EnergyOption {
  @Option(
      names = "--energy",
      paramLabel = "TABLE",
      description =
          "Also estimate energy with a table of energies: asic-45nm, fpga, or a JSON file as"
              + " `tataa energy` prints them.")
  private @Nullable String table;

  /** The table; null if energy was not asked for. */
  @Nullable EnergyTable table() {
    return table == null ? null : read(table);
  }

  /** A table by the name of one that is in the jar, or else from a file. */
  static EnergyTable read(String nameOrFile) {
    if (EnergyTable.names().contains(nameOrFile)) {
      return EnergyTable.of(nameOrFile);
    }
    try {
      return EnergyTable.parse(FileAccess.readText(Path.of(nameOrFile)));
    } catch (IllegalArgumentException e) {
      throw new InputException(nameOrFile + ": " + e.getMessage());
    }
  }
}
