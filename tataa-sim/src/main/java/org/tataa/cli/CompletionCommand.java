package org.tataa.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Completion of commands, options and their values in a shell. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = {
      "Print the completion script of a shell, or install it: for bash where bash-completion loads it",
      "by itself, for zsh beside your other data, to be read by your .zshrc."
    })
final class CompletionCommand implements Callable<Integer> {
  /** Shells with a completion. */
  enum Shell {
    /** Bash. */
    BASH,
    /** Zsh, which reads that of bash. */
    ZSH
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "SHELL",
      description = "bash or zsh (default: that of variable SHELL).")
  private @Nullable Shell shell;

  @Option(names = "--install", description = "Install it for your user, and say where.")
  private boolean isInstalled;

  @Option(
      names = "--data-home",
      paramLabel = "DIRECTORY",
      description = "Where data of your user is (default: $XDG_DATA_HOME, else ~/.local/share).")
  private @Nullable Path dataHome;

  @Override
  public Integer call() {
    Shell chosen = shell == null ? ofUser() : shell;
    String script = script(chosen);
    PrintWriter out = spec.commandLine().getOut();
    if (!isInstalled) {
      out.print(script);
      out.flush();
      return ExitCode.OK;
    }
    Path home = dataHome == null ? userData() : dataHome;
    Path file =
        chosen == Shell.BASH
            ? home.resolve("bash-completion/completions/tataa")
            : home.resolve("tataa/completion.zsh");
    try {
      Files.createDirectories(file.resolveSibling("."));
    } catch (IOException e) {
      throw new InputException(file + ": cannot be written: " + e);
    }
    FileAccess.write(file, script.getBytes(UTF_8));
    out.println("installed " + file);
    if (chosen == Shell.ZSH) {
      out.println("add to your .zshrc, if it is not there: source " + file);
    }
    return ExitCode.OK;
  }

  // Zsh understands the script of bash, if it is told to.
  private String script(Shell chosen) {
    String bash = AutoComplete.bash("tataa", spec.root().commandLine());
    return chosen == Shell.BASH
        ? bash
        : "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n"
            + bash;
  }

  private Shell ofUser() {
    String user = System.getenv("SHELL");
    if (user != null && user.endsWith("/bash")) {
      return Shell.BASH;
    }
    if (user != null && user.endsWith("/zsh")) {
      return Shell.ZSH;
    }
    throw new ParameterException(spec.commandLine(), "Which shell? Expected bash or zsh");
  }

  private static Path userData() {
    String data = System.getenv("XDG_DATA_HOME");
    return data == null || data.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".local", "share")
        : Path.of(data);
  }
}
