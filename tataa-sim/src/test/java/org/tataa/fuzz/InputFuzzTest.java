package org.tataa.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Base64;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever is read from a file is accepted, or refused with the documented exception, soon and in
 * little memory. {@code tataa.fuzz.seconds} says how long each kind is tried in the long form.
 */
class InputFuzzTest {
  /** Far more than a case takes on a busy host. */
  private static final long MOST_SECONDS = 20;

  private static final long DEFAULT_SECONDS = 1;

  @ParameterizedTest
  @EnumSource
  void seedsAreAccepted(InputKind kind) {
    assertThat(kind.seeds().stream().filter(seed -> isAccepted(kind, seed, "seed")).count())
        .isPositive();
  }

  @ParameterizedTest
  @EnumSource
  void someInputs(InputKind kind) {
    InputMutator mutator = new InputMutator(kind);
    int count = kind == InputKind.TOKENIZER ? 150 : 400;
    Fuzz.Count done =
        Fuzz.cases(0, count, seed -> isAccepted(kind, mutator.input(seed), "seed " + seed));
    // What is wrong with readings is cut off and computed anew.
    boolean mayBeAll = kind == InputKind.READINGS;
    assertThat(done.accepted()).isBetween(1L, mayBeAll ? count : count - 1L);
  }

  @Tag("heavy")
  @ParameterizedTest
  @EnumSource
  void forSomeTime(InputKind kind) {
    InputMutator mutator = new InputMutator(kind);
    System.out.print(kind + ", ");
    Fuzz.forSeconds(
        Long.getLong("tataa.fuzz.seconds", DEFAULT_SECONDS),
        seed -> isAccepted(kind, mutator.input(seed), "seed " + seed));
  }

  private static boolean isAccepted(InputKind kind, byte[] input, String what) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = threads.getCurrentThreadAllocatedBytes();
    long time = threads.getCurrentThreadCpuTime();
    boolean accepted = false;
    try {
      accepted = kind.read(input);
    } catch (RuntimeException | Error e) {
      fail(kind + ", " + what + ": " + Fuzz.trace(e) + "\n" + shown(input), e);
    }
    long seconds = (threads.getCurrentThreadCpuTime() - time) / 1_000_000_000L;
    long allocated = threads.getCurrentThreadAllocatedBytes() - bytes;
    assertThat(seconds).as("seconds of %s: %s", what, shown(input)).isLessThan(MOST_SECONDS);
    assertThat(allocated).as("bytes of %s: %s", what, shown(input)).isLessThan(kind.mostBytes());
    return accepted;
  }

  private static String shown(byte[] input) {
    return input.length > 20_000
        ? input.length + " bytes"
        : Base64.getEncoder().encodeToString(input);
  }
}
