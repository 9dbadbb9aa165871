package org.tataa.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.tataa.digest.DigestSuite;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints digests of fixed jobs. */
@Command(
    name = "digest",
    mixinStandardHelpOptions = true,
    description = {
      "Run fixed jobs and print digests (64 bits of SHA-256) of memory, counters, registers and events.",
      "They must be the same for every engine, number of threads and JVM. Events always come from",
      "stepping; registers are taken at several cycles with the chosen engine."
    })
final class DigestCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private EngineOptions engine = new EngineOptions();

  @Parameters(
      paramLabel = "JOB",
      description = "Names of jobs, or their first letters (default: all jobs).")
  private List<String> jobs = new ArrayList<>();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    DigestSuite.run(jobs, engine.host(), out::println);
    return ExitCode.OK;
  }
}
