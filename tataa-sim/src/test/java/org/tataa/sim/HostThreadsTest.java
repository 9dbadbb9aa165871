package org.tataa.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Work is done once, by no more threads than asked for, and fails as one thread would. */
class HostThreadsTest {
  @Test
  void everyNumberOnceAndNeverMoreAtATimeThanTheLimit() {
    for (int limit = 0; limit < 5; limit++) {
      AtomicIntegerArray calls = new AtomicIntegerArray(100);
      AtomicInteger atWork = new AtomicInteger();
      AtomicInteger most = new AtomicInteger();
      HostThreads.forEach(
          calls.length(),
          limit,
          i -> {
            most.accumulateAndGet(atWork.incrementAndGet(), Math::max);
            calls.incrementAndGet(i);
            Thread.onSpinWait();
            atWork.decrementAndGet();
          });
      for (int i = 0; i < calls.length(); i++) {
        assertThat(calls.get(i)).as("number %d, limit %d", i, limit).isEqualTo(1);
      }
      assertThat(most.get()).isBetween(1, HostThreads.atMost(limit));
    }
  }

  @Test
  void theFirstFailureByNumberIsThrown() {
    for (int limit = 1; limit < 5; limit++) {
      int threads = limit;
      for (int repeat = 0; repeat < 50; repeat++) {
        assertThatThrownBy(
                () ->
                    HostThreads.forEach(
                        40,
                        threads,
                        i -> {
                          if (i == 7 || i == 8 || i == 30) {
                            throw new IllegalStateException("number " + i);
                          }
                        }))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("number 7");
      }
    }
  }

  @Test
  void errorsAreThrownToo() {
    assertThatThrownBy(
            () ->
                HostThreads.forEach(
                    2,
                    2,
                    i -> {
                      throw new AssertionError("number " + i);
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessage("number 0");
  }

  @Test
  void workThatWasBegunGivesItsResultOrItsFailure() {
    assertThat(HostThreads.begin(() -> 7).get()).isEqualTo(7);
    IllegalStateException failure = new IllegalStateException("not today");
    assertBegunWorkThrows(
        failure,
        () -> {
          throw failure;
        });
    AssertionError error = new AssertionError("never");
    assertBegunWorkThrows(
        error,
        () -> {
          throw error;
        });
  }

  private static void assertBegunWorkThrows(Throwable expected, Supplier<Object> work) {
    assertThatThrownBy(() -> HostThreads.begin(work).get()).isSameAs(expected);
  }

  @Test
  void negativeNumbersOfThreadsAreRefused() {
    assertThatThrownBy(() -> new HostOptions(Engine.STEPPING, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads=-1, expected 0 or more");
  }
}
