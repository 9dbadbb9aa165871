package org.tataa.cli;

import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine.HelpCommand;

/** All commands: a line for the list, and the command itself, made when it is named. */
final class Subcommands {
  /** Name of the command that needs all others. */
  static final String COMPLETION = "generate-completion";

  /** All names, in the order of the list. */
  static final List<String> NAMES =
      List.of(
          "run",
          "generate",
          "calibrate",
          "compile",
          "functions",
          "accuracy",
          "schedules",
          "energy",
          "whatif",
          "reproduce",
          "sweep",
          "exec",
          "debug",
          "trace",
          "asm",
          "disasm",
          "info",
          "inspect",
          "conformance",
          "digest",
          COMPLETION,
          "help");

  private Subcommands() {}

  /** The command of a name. */
  static Object of(String name) {
    return switch (name) {
      case "run" -> new RunCommand();
      case "generate" -> new GenerateCommand();
      case "calibrate" -> new CalibrateCommand();
      case "compile" -> new CompileCommand();
      case "functions" -> new FunctionsCommand();
      case "accuracy" -> new AccuracyCommand();
      case "schedules" -> new SchedulesCommand();
      case "energy" -> new EnergyCommand();
      case "whatif" -> new WhatIfCommand();
      case "reproduce" -> new ReproduceCommand();
      case "sweep" -> new SweepCommand();
      case "exec" -> new ExecCommand();
      case "debug" -> new DebugCommand();
      case "trace" -> new TraceCommand();
      case "asm" -> new AsmCommand();
      case "disasm" -> new DisasmCommand();
      case "info" -> new InfoCommand();
      case "inspect" -> new InspectCommand();
      case "conformance" -> new ConformanceCommand();
      case "digest" -> new DigestCommand();
      case COMPLETION -> new AutoComplete.GenerateCompletion();
      case "help" -> new HelpCommand();
      default -> throw new IllegalArgumentException("there is no command " + name);
    };
  }

  /** What the command of a name does, in a line. */
  static String summary(String name) {
    return switch (name) {
      case "run" ->
          "Compile a transformer, run it and compare it with float32; or run a smaller job.";
      case "generate" ->
          "Make tokens with a decoder, with keys and values on the device or without.";
      case "calibrate" -> "Measure the ranges of a model's values and write them to a file.";
      case "compile" -> "Compile a model to a directory, or print one of its levels.";
      case "functions" -> "List the approximations of functions with cost and measured error.";
      case "accuracy" -> "Compare all-MiniLM-L6-v2 under several schemes with float32.";
      case "schedules" -> "Compare whole models with what the units could do.";
      case "energy" -> "Print a table of energies, to be edited and given to --energy.";
      case "whatif" -> "Compare machines that differ in one thing on a model.";
      case "reproduce" -> "Put every figure the paper reports beside the simulated one.";
      case "sweep" -> "Simulate workloads on many configurations, a row of a table each.";
      case "exec" -> "Execute a program, binary or assembly, on one core.";
      case "debug" -> "Step through a program, forward and back, and look at every register.";
      case "trace" -> "Write registers of a run as waveforms, or its units as a timeline.";
      case "asm" -> "Assemble a program.";
      case "disasm" -> "Print a program as text that assembles to the same words.";
      case "info" -> "Show a machine's configuration and its derived peak rates.";
      case "inspect" -> "Show what is in a model file and what it would need.";
      case "conformance" -> "Compare with recorded vectors and traces of the released RTL.";
      case "digest" -> "Run fixed jobs and print digests of everything in them.";
      case COMPLETION -> "Print a completion script for bash and zsh.";
      case "help" -> "Show the help of a command.";
      default -> throw new IllegalArgumentException("there is no command " + name);
    };
  }
}
