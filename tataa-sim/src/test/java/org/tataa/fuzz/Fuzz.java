package org.tataa.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/**
 * Runs a test on seed after seed. Long runs are told by system properties: {@code
 * tataa.fuzz.seconds}, 20 if not set, and {@code tataa.fuzz.seed}, the first seed.
 */
public final class Fuzz {
  /**
   * How many cases there were.
   *
   * @param cases all of them
   * @param accepted those that were well formed
   */
  public record Count(long cases, long accepted) {}

  private Fuzz() {}

  /** Cases of as many seeds; the test tells whether its case was well formed. */
  public static Count cases(long firstSeed, long count, LongPredicate test) {
    return run(firstSeed, count, Long.MAX_VALUE, test);
  }

  /** Cases for as long as the properties say. */
  public static Count forSomeTime(LongPredicate test) {
    return forSeconds(Long.getLong("tataa.fuzz.seconds", 20), test);
  }

  /** Cases for so long; the property tells the first seed. */
  static Count forSeconds(long seconds, LongPredicate test) {
    long seed = Long.getLong("tataa.fuzz.seed", 1_000_000);
    Count count = run(seed, Long.MAX_VALUE, System.nanoTime() + seconds * 1_000_000_000L, test);
    System.out.printf(
        "fuzz: %d cases from seed %d, %d well formed%n", count.cases(), seed, count.accepted());
    return count;
  }

  private static Count run(long firstSeed, long count, long deadline, LongPredicate test) {
    long accepted = 0;
    long cases = 0;
    while (cases < count && System.nanoTime() < deadline) {
      accepted += test.test(firstSeed + cases) ? 1 : 0;
      cases++;
    }
    return new Count(cases, accepted);
  }

  /** An exception and where it comes from, in a line. */
  public static String trace(Throwable e) {
    StackTraceElement[] trace = e.getStackTrace();
    return e + " at " + Arrays.toString(Arrays.copyOf(trace, Math.min(6, trace.length)));
  }

  /** What is left of a list when every element is dropped without which it still fails. */
  public static <T> List<T> smallest(List<T> failing, Predicate<List<T>> fails) {
    List<T> left = new ArrayList<>(failing);
    for (int part = Math.max(1, left.size() / 2); part > 0; part /= 2) {
      for (int at = left.size() - part; at >= 0; at -= part) {
        List<T> fewer = new ArrayList<>(left);
        fewer.subList(at, at + part).clear();
        if (fails.test(fewer)) {
          left = fewer;
          at = Math.min(at, left.size());
        }
      }
    }
    return left;
  }
}
