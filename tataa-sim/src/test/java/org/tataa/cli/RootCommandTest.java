package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Commands are made when they are named; nothing a user sees depends on it. */
class RootCommandTest {
  @Test
  void theListIsTheSameHoweverManyAreMade() {
    CommandLine none = RootCommand.commandLine(Set.of());
    CommandLine all = RootCommand.commandLine(Set.of(Subcommands.COMPLETION));
    assertThat(none.getSubcommands().keySet())
        .containsExactlyElementsOf(all.getSubcommands().keySet());
    for (String name : Subcommands.NAMES) {
      assertThat(none.getSubcommands().get(name).getCommandSpec().options())
          .allMatch(OptionSpec::inherited);
      CommandLine made = all.getSubcommands().get(name);
      assertThat(made.getCommandName()).isEqualTo(name);
      assertThat(made.getCommandSpec().userObject()).isNotNull();
      assertThat(none.getUsageMessage())
          .contains(name + " ", Subcommands.summary(name).substring(0, 15));
    }
  }

  @Test
  void namedCommandsAreWhole() {
    CommandLine root = RootCommand.commandLine(Set.of("help", "run"));
    assertThat(root.getSubcommands().get("run").getSubcommands())
        .containsKeys("attention", "matmul");
    assertThat(root.getSubcommands().get("info").getCommandSpec().options())
        .allMatch(OptionSpec::inherited);
  }
}
