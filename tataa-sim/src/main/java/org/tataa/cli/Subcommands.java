package org.tataa.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.HelpCommand;

/** All commands: a line for the list, and the command itself, made when it is named. */
final class Subcommands {
  /** Name of the command that needs all others. */
  static final String COMPLETION = "completion";

  private static final Map<String, String> SUMMARIES = new LinkedHashMap<>();

  static {
    SUMMARIES.put(
        "run", "Compile a transformer, run it and compare it with float32; or run a smaller job.");
    SUMMARIES.put(
        "generate", "Make tokens with a decoder, with keys and values on the device or without.");
    SUMMARIES.put("calibrate", "Measure the ranges of a model's values and write them to a file.");
    SUMMARIES.put("compile", "Compile a model to a directory, or print one of its levels.");
    SUMMARIES.put(
        "functions", "List the approximations of functions with cost and measured error.");
    SUMMARIES.put("accuracy", "Compare all-MiniLM-L6-v2 under several schemes with float32.");
    SUMMARIES.put("tasks", "Measure what schemes cost pre-trained models in their tasks.");
    SUMMARIES.put("schedules", "Compare whole models with what the units could do.");
    SUMMARIES.put("energy", "Print a table of energies, to be edited and given to --energy.");
    SUMMARIES.put("whatif", "Compare machines that differ in one thing on a model.");
    SUMMARIES.put("reproduce", "Put every figure the paper reports beside the simulated one.");
    SUMMARIES.put("sweep", "Simulate workloads on many configurations, a row of a table each.");
    SUMMARIES.put("exec", "Execute a program, binary or assembly, on one core.");
    SUMMARIES.put("debug", "Step through a program, forward and back, and look at every register.");
    SUMMARIES.put("trace", "Write registers of a run as waveforms, or its units as a timeline.");
    SUMMARIES.put("asm", "Assemble a program.");
    SUMMARIES.put("disasm", "Print a program as text that assembles to the same words.");
    SUMMARIES.put("info", "Show a machine's configuration and its derived peak rates.");
    SUMMARIES.put("inspect", "Show what is in a model file and what it would need.");
    SUMMARIES.put("conformance", "Compare with recorded vectors and traces of the released RTL.");
    SUMMARIES.put("digest", "Run fixed jobs and print digests of everything in them.");
    SUMMARIES.put(COMPLETION, "Print or install the completion of commands for bash and zsh.");
    SUMMARIES.put("help", "Show the help of a command.");
  }

  /** All names, in the order of the list. */
  static final List<String> NAMES = List.copyOf(SUMMARIES.keySet());

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
      case "tasks" -> new TasksCommand();
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
      case COMPLETION -> new CompletionCommand();
      case "help" -> new HelpCommand();
      default -> throw unknown(name);
    };
  }

  /** What the command of a name does, in a line. */
  static String summary(String name) {
    String summary = SUMMARIES.get(name);
    if (summary == null) {
      throw unknown(name);
    }
    return summary;
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException("there is no command " + name);
  }
}
