package org.tataa.cli;

import java.io.UncheckedIOException;
import org.tataa.conformance.ConformanceException;
import org.tataa.control.SimulationException;
import org.tataa.graph.GraphException;
import org.tataa.isa.AssemblyException;
import org.tataa.isa.InstructionFormatException;
import org.tataa.onnx.ModelFormatException;
import org.tataa.pipeline.MissingArtifactException;
import org.tataa.quant.CalibrationException;
import org.tataa.sim.CancelledException;
import org.tataa.sim.CycleLimitException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Turns documented exceptions into a message and an exit code; anything else is a defect. */
final class ErrorHandler implements IExecutionExceptionHandler {
  @Override
  public int handleExecutionException(
      Exception exception, CommandLine commandLine, ParseResult parseResult) throws Exception {
    int code;
    if (exception instanceof CycleLimitException || exception instanceof CancelledException) {
      code = ExitCode.FAILED;
    } else if (exception instanceof AssemblyException
        || exception instanceof InstructionFormatException
        || exception instanceof SimulationException
        || exception instanceof ConformanceException
        || exception instanceof ModelFormatException
        || exception instanceof CalibrationException
        || exception instanceof GraphException
        || exception instanceof MissingArtifactException
        || exception instanceof InputException
        || exception instanceof UncheckedIOException
        || exception instanceof IllegalArgumentException) {
      code = ExitCode.BAD_INPUT;
    } else {
      throw exception;
    }
    String message =
        exception instanceof UncheckedIOException failure
            ? "a file cannot be read or written: " + failure.getCause()
            : exception.getMessage();
    // Assembler messages carry file, line and column already.
    boolean located = exception instanceof AssemblyException;
    Object error = commandLine.getColorScheme().errorText("tataa: error:");
    commandLine.getErr().println(located ? message : error + " " + message);
    return code;
  }
}
