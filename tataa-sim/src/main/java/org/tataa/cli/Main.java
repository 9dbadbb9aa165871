package org.tataa.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.util.Locale;
import org.tataa.pipeline.MissingArtifactException;

/**
 * The executable {@code tataa}. Needs nothing but Java itself, so that it can say what is missing.
 */
public final class Main {
  private static final int ENOUGH_GIBIBYTES = 11;

  private Main() {}

  /** Runs the command line and exits with its code. */
  public static void main(String[] args) {
    // What is printed is the same everywhere, and nothing is looked for on a network.
    Locale.setDefault(Locale.ROOT);
    System.setProperty("ai.djl.offline", "true");
    // Not through System.out, which keeps to itself what cannot be written.
    PrintWriter out =
        new PrintWriter(
            new LineFeedWriter(
                new OutputStreamWriter(
                    new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), UTF_8)),
            true);
    PrintWriter err = new PrintWriter(new OutputStreamWriter(System.err, UTF_8), true);
    int code = run(out, err, args);
    if (out.checkError()) {
      err.println("tataa: error: the results cannot be written to the standard output");
      code = code == ExitCode.OK ? ExitCode.FAILED : code;
    }
    System.exit(code);
  }

  /**
   * Runs the command line.
   *
   * @param out receives results
   * @param err receives errors
   * @return exit code
   */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    try {
      return RootCommand.run(out, err, args);
    } catch (NoClassDefFoundError e) {
      MissingArtifactException missing = MissingArtifactException.of(e);
      if (missing == null) {
        throw e;
      }
      err.println("tataa: error: " + missing.getMessage());
      return ExitCode.BAD_INPUT;
    } catch (OutOfMemoryError e) {
      err.println("tataa: error: " + outOfMemory());
      return ExitCode.FAILED;
    }
  }

  // The large models need 11 GiB for text, what runs them once less.
  private static String outOfMemory() {
    long most = Runtime.getRuntime().maxMemory() >> 20;
    return "out of memory: Java may use "
        + most
        + " MiB; start it with more, as java -Xmx"
        + Math.max(ENOUGH_GIBIBYTES, (2 * most + 1023) / 1024)
        + "g -jar tataa.jar ...";
  }
}
