package org.tataa.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The executable {@code tataa}. */
@Command(
    name = "tataa",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    description = "Cycle-accurate simulator of the TATAA transformable accelerator.",
    subcommands = {
      RunCommand.class,
      GenerateCommand.class,
      CalibrateCommand.class,
      CompileCommand.class,
      FunctionsCommand.class,
      AccuracyCommand.class,
      SchedulesCommand.class,
      ExecCommand.class,
      DebugCommand.class,
      TraceCommand.class,
      AsmCommand.class,
      DisasmCommand.class,
      InfoCommand.class,
      InspectCommand.class,
      ConformanceCommand.class,
      DigestCommand.class,
      AutoComplete.GenerateCompletion.class,
      HelpCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:success",
      "1:a check failed or a run did not finish",
      "2:wrong usage",
      "3:bad input: a file, program or model that cannot be used"
    })
public final class Main {
  private Main() {}

  /** Runs the command line and exits with its code. */
  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(new OutputStreamWriter(System.out, UTF_8), true);
    PrintWriter err = new PrintWriter(new OutputStreamWriter(System.err, UTF_8), true);
    System.exit(run(out, err, args));
  }

  /**
   * Runs the command line.
   *
   * @param out receives results
   * @param err receives errors
   * @return exit code
   */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    return new CommandLine(new Main())
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(new ErrorHandler())
        .execute(args);
  }
}
