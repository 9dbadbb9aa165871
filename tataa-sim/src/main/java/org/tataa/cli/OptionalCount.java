package org.tataa.cli;

import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Takes what follows an option with an optional number only if it is one: not a MODEL. */
final class OptionalCount implements IParameterPreprocessor {
  @Override
  public boolean preprocess(
      Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> info) {
    // What is behind an equals sign belongs to the option in any case.
    if (!"=".equals(info.get("separator"))
        && (args.isEmpty() || !args.peek().matches("[+-]?\\d+"))) {
      args.push(((OptionSpec) option).fallbackValue());
    }
    return false;
  }
}
