package org.tataa.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Independent work on several host threads: the caller's and those of the common pool. */
public final class HostThreads {
  private HostThreads() {}

  /**
   * {@return threads a limit allows}
   *
   * @param limit most threads, 0 for one per processor
   * @throws IllegalArgumentException if it is negative
   */
  public static int atMost(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("threads=" + limit + ", expected 0 or more");
    }
    return limit == 0 ? Runtime.getRuntime().availableProcessors() : limit;
  }

  /**
   * Begins work on a thread of the common pool.
   *
   * @param <T> type of the result
   * @param work what is done
   * @return waits for the result; throws what the work threw
   */
  public static <T> Supplier<T> begin(Supplier<T> work) {
    CompletableFuture<T> result = CompletableFuture.supplyAsync(work);
    return () -> {
      try {
        return result.join();
      } catch (CompletionException e) {
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        if (e.getCause() instanceof Error failure) {
          throw failure;
        }
        throw e;
      }
    };
  }

  /**
   * Calls {@code work} with each of {@code 0..count-1} and returns when all calls have. The numbers
   * are taken in order; after a failure no more are. Of several failures the one with the lowest
   * number is thrown, as one thread would meet it.
   *
   * @param count how many numbers
   * @param limit most threads, 0 for one per processor
   * @param work what is done
   */
  public static void forEach(int count, int limit, IntConsumer work) {
    int threads = Math.min(count, atMost(limit));
    if (threads <= 1) {
      for (int i = 0; i < count; i++) {
        work.accept(i);
      }
      return;
    }
    AtomicInteger next = new AtomicInteger();
    @Nullable Throwable[] failures = new Throwable[count];
    Runnable worker =
        () -> {
          for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
            try {
              work.accept(i);
            } catch (RuntimeException | Error e) {
              failures[i] = e;
              next.set(count);
            }
          }
        };
    List<ForkJoinTask<?>> others = new ArrayList<>();
    for (int i = 1; i < threads; i++) {
      others.add(ForkJoinTask.adapt(worker).fork());
    }
    worker.run();
    others.forEach(ForkJoinTask::join);
    for (Throwable failure : failures) {
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure != null) {
        throw (RuntimeException) failure;
      }
    }
  }
}
