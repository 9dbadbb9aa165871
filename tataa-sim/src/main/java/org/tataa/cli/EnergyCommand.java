package org.tataa.cli;

import java.util.concurrent.Callable;
import org.tataa.explore.EnergyTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a table of energies. */
@Command(
    name = "energy",
    mixinStandardHelpOptions = true,
    description = {
      "Print a table of energies as JSON: what every event costs, from where the figure is and how",
      "uncertain. Write it to a file, edit it, and give that to --energy."
    })
final class EnergyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "TABLE",
      defaultValue = EnergyTable.ASIC,
      description = "asic-45nm, fpga, or a file, which is checked (default: ${DEFAULT-VALUE}).")
  private String table = EnergyTable.ASIC;

  @Override
  public Integer call() {
    spec.commandLine().getOut().println(EnergyOption.read(table).toJson());
    return ExitCode.OK;
  }
}
