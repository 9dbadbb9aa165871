package org.tataa.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ScopeType;

/**
 * The command line as a whole. Reading the annotations of a command takes longer than everything
 * else before it runs, so only those of commands that are named are read; of the others there is
 * the name and a line for the list, and here there are none.
 */
final class RootCommand {
  private static final List<String> QUIET = List.of("-q", "--quiet");

  private RootCommand() {}

  static int run(PrintWriter out, PrintWriter err, String... args) {
    Set<String> words = new HashSet<>(Arrays.asList(args));
    boolean isQuiet = QUIET.stream().anyMatch(words::contains);
    return commandLine(words)
        .setOut(out)
        .setErr(isQuiet ? new QuietWriter(err) : err)
        .execute(args);
  }

  /**
   * The command line.
   *
   * @param words what it will be given
   */
  static CommandLine commandLine(Set<String> words) {
    CommandLine root = new CommandLine(spec());
    boolean isWhole = words.contains(Subcommands.COMPLETION);
    for (String name : Subcommands.NAMES) {
      boolean isNamed = isWhole || words.contains(name);
      root.addSubcommand(name, isNamed ? Subcommands.of(name) : listed(name));
    }
    fillLines(root);
    return root.setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(new UsageHandler())
        .setExecutionExceptionHandler(new ErrorHandler());
  }

  // Lines of a description are those of its source; the help has lines of the terminal.
  private static void fillLines(CommandLine commands) {
    for (CommandLine command : commands.getSubcommands().values()) {
      UsageMessageSpec usage = command.getCommandSpec().usageMessage();
      usage.description(String.join(" ", usage.description()));
      fillLines(command);
    }
  }

  private static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("tataa").versionProvider(new VersionProvider());
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("Show this help message and exit.")
            .build());
    spec.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("Print version information and exit.")
            .build());
    spec.addOption(
        OptionSpec.builder(QUIET.toArray(String[]::new))
            .type(boolean.class)
            .arity("0")
            .scopeType(ScopeType.INHERIT)
            .description("No progress and no notes: results and errors only.")
            .build());
    Map<String, String> exitCodes = new LinkedHashMap<>();
    exitCodes.put("0", "success");
    exitCodes.put("1", "a check failed or a run did not finish");
    exitCodes.put("2", "wrong usage");
    exitCodes.put("3", "bad input: a file, program or model that cannot be used");
    spec.usageMessage()
        .description("Cycle-accurate simulator of the TATAA transformable accelerator.")
        .exitCodeListHeading("%nExit codes:%n")
        .exitCodeList(exitCodes);
    return spec;
  }

  private static CommandSpec listed(String name) {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage().description(Subcommands.summary(name));
    return spec;
  }
}
