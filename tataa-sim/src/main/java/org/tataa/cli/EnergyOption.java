package org.tataa.cli;

import java.nio.file.Files;
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
    Path file = Path.of(nameOrFile);
    if (Files.notExists(file)) {
      throw new InputException(
          file + ": no such file, nor one of the tables " + EnergyTable.names());
    }
    try {
      return EnergyTable.parse(FileAccess.readText(file));
    } catch (IllegalArgumentException e) {
      throw new InputException(nameOrFile + ": " + e.getMessage());
    }
  }
}
