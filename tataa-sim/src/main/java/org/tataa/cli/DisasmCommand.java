package org.tataa.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.tataa.isa.Disassembler;
import org.tataa.isa.Program;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Disassembles a program file. */
@Command(
    name = "disasm",
    mixinStandardHelpOptions = true,
    description = "Print a program file as text that assembles to the same words.")
final class DisasmCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "PROGRAM", description = "Program file.")
  private Path program = Path.of("");

  @Mixin private EncodingOption words = new EncodingOption();

  @Override
  public Integer call() {
    String text =
        Disassembler.disassemble(Program.fromBytes(FileAccess.read(program), words.encoding()));
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
    return ExitCode.OK;
  }
}
