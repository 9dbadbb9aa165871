package org.tataa.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.tataa.isa.Assembler;
import org.tataa.isa.Program;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Assembles a source file. */
@Command(
    name = "asm",
    mixinStandardHelpOptions = true,
    description =
        "Assemble a program: 64-bit little-endian words, as the released host loads them.")
final class AsmCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SOURCE", description = "Assembly source file.")
  private Path source = Path.of("");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      required = true,
      description = "Program file to write.")
  private Path output = Path.of("");

  @Mixin private EncodingOption words = new EncodingOption();

  @Override
  public Integer call() {
    Program program =
        Assembler.assemble(FileAccess.readText(source), source.toString(), words.encoding());
    FileAccess.write(output, program.toBytes());
    spec.commandLine()
        .getOut()
        .printf("%s: %d instructions, %d bytes%n", output, program.size(), 8 * program.size());
    return ExitCode.OK;
  }
}
