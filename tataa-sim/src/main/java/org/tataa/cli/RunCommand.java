package org.tataa.cli;

import picocli.CommandLine.Command;

/** Groups the jobs. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Run a job on the simulated machine and compare it with float32.",
    subcommands = {AttentionCommand.class, MatMulCommand.class})
final class RunCommand {}
