package org.tataa.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a terminal shows: commands behind {@code $}, each with what it prints. In what is expected,
 * {@code ...} stands for any text of a line, and alone on a line for any lines.
 */
final class Transcript {
  private static final String PROMPT = "$ ";
  private static final String MORE = "> ";
  private static final String ANY = "...";
  private static final String DEBUGGER = "tataa> ";

  /**
   * A command and its output.
   *
   * @param shown the lines of the command as they are shown, with their prompts
   * @param command the command, its lines joined
   * @param typed what is typed at the debugger's prompt
   * @param output what is printed, without what is typed
   * @param lines all of it
   */
  record Step(
      List<String> shown,
      String command,
      List<String> typed,
      List<String> output,
      List<String> lines) {}

  private Transcript() {}

  static List<Step> of(List<String> lines) {
    List<Step> steps = new ArrayList<>();
    int next = 0;
    while (next < lines.size()) {
      int start = next;
      String first = lines.get(next);
      if (!first.startsWith(PROMPT)) {
        throw new IllegalArgumentException("expected a command behind `$ `, found " + first);
      }
      List<String> shown = new ArrayList<>(List.of(first));
      StringBuilder command = new StringBuilder(first.substring(PROMPT.length()));
      next++;
      while (command.charAt(command.length() - 1) == '\\') {
        command.setLength(command.length() - 1);
        shown.add(lines.get(next));
        command.append(lines.get(next).substring(MORE.length()).stripLeading());
        next++;
      }
      List<String> typed = new ArrayList<>();
      List<String> output = new ArrayList<>();
      while (next < lines.size() && !lines.get(next).startsWith(PROMPT)) {
        String line = lines.get(next);
        if (line.startsWith(DEBUGGER)) {
          typed.add(line.substring(DEBUGGER.length()));
        } else {
          output.add(line);
        }
        next++;
      }
      steps.add(new Step(shown, command.toString(), typed, output, lines.subList(start, next)));
    }
    return steps;
  }

  /** Whether an output is what was expected. */
  static boolean matches(List<String> expected, List<String> actual) {
    // Which beginnings of the output the lines so far match.
    boolean[] before = new boolean[actual.size() + 1];
    before[0] = true;
    for (String line : expected) {
      boolean[] after = new boolean[actual.size() + 1];
      if (line.equals(ANY)) {
        boolean isReached = false;
        for (int i = 0; i <= actual.size(); i++) {
          isReached |= before[i];
          after[i] = isReached;
        }
      } else {
        Pattern pattern = pattern(line);
        for (int i = 0; i < actual.size(); i++) {
          after[i + 1] = before[i] && pattern.matcher(actual.get(i)).matches();
        }
      }
      before = after;
    }
    return before[actual.size()];
  }

  /**
   * The lines of a step with what was printed in place of what was expected. What is left out stays
   * left out: a line is replaced by the next that differs in numbers only.
   */
  static List<String> updated(Step step, List<String> actual) {
    List<String> lines = new ArrayList<>(step.shown());
    if (step.typed().isEmpty() && !step.output().contains(ANY)) {
      for (int i = 0; i < actual.size(); i++) {
        String expected = i < step.output().size() ? step.output().get(i) : "";
        boolean isSame = pattern(expected).matcher(actual.get(i)).matches();
        lines.add(isSame ? expected : withoutHost(actual.get(i)));
      }
      return lines;
    }
    int next = 0;
    for (String line : step.lines().subList(step.shown().size(), step.lines().size())) {
      if (line.equals(ANY) || line.startsWith(DEBUGGER)) {
        lines.add(line);
        continue;
      }
      while (next < actual.size() && !isLike(line, actual.get(next))) {
        next++;
      }
      if (next == actual.size()) {
        throw new IllegalStateException(step.command() + ": prints nothing like " + line);
      }
      lines.add(pattern(line).matcher(actual.get(next)).matches() ? line : actual.get(next));
      next++;
    }
    return lines;
  }

  // How long the host took is left open from the beginning.
  private static String withoutHost(String line) {
    return line.replaceAll(
        "^simulated in .* GMAC/s\\), engine (\\w+), .*",
        "simulated in ... s (... million core cycles/s, ... GMAC/s), engine $1, ...");
  }

  private static boolean isLike(String expected, String actual) {
    return pattern(withoutNumbers(expected)).matcher(withoutNumbers(actual)).matches();
  }

  private static String withoutNumbers(String line) {
    return line.replaceAll("(0x[0-9a-f]+|-?[0-9]+(\\.[0-9]+)?(e[-+][0-9]+)?)", "#")
        .replaceAll(" +", " ");
  }

  private static Pattern pattern(String line) {
    List<String> parts = new ArrayList<>();
    for (String part : line.split(Pattern.quote(ANY), -1)) {
      parts.add(Pattern.quote(part));
    }
    return Pattern.compile(String.join(".*", parts));
  }

  /** The words of a command line: quotes as in a shell, nothing else of one. */
  static List<String> words(String command) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    char quote = 0;
    boolean isWord = false;
    for (char c : command.strip().toCharArray()) {
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
        isWord = true;
      } else if (c == ' ') {
        if (isWord) {
          words.add(word.toString());
        }
        word.setLength(0);
        isWord = false;
      } else {
        word.append(c);
        isWord = true;
      }
    }
    if (isWord) {
      words.add(word.toString());
    }
    return words;
  }
}
