package org.tataa.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Says what is wrong with a command line in a line or two: what may have been meant, and where help
 * is. The help itself would push the error off the screen.
 */
final class UsageHandler implements IParameterExceptionHandler {
  @Override
  public int handleParseException(ParameterException exception, String[] arguments) {
    CommandLine command = exception.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    String error = String.valueOf(command.getColorScheme().errorText("tataa: error:"));
    command.getErr().println(error + " " + message(exception, command));
    command.getErr().println("Try `" + name + " --help`.");
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static String message(ParameterException exception, CommandLine command) {
    if (exception instanceof UnmatchedArgumentException unmatched
        && !unmatched.getUnmatched().isEmpty()) {
      return unmatched(unmatched.getUnmatched().get(0), command);
    }
    ArgSpec argument = exception.getArgSpec();
    String value = exception.getValue();
    if (argument == null || value == null || argument.completionCandidates() == null) {
      return String.valueOf(exception.getMessage());
    }
    List<String> candidates = new ArrayList<>();
    argument.completionCandidates().forEach(candidates::add);
    return exception.getMessage() + Nearest.question(value, candidates);
  }

  private static String unmatched(String word, CommandLine command) {
    if (word.startsWith("-")) {
      // An option may come with its value.
      String option = word.replaceFirst("=.*", "");
      return "Unknown option: "
          + option
          + Nearest.question(option, command.getCommandSpec().optionsMap().keySet());
    }
    if (command.getCommandSpec().positionalParameters().isEmpty()
        && !command.getSubcommands().isEmpty()) {
      return "Unknown command: " + word + Nearest.question(word, command.getSubcommands().keySet());
    }
    return "Unexpected argument: " + word;
  }
}
