package org.tataa.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Independent work on several host threads: the caller's and those of the common pool. Interrupting
 * the thread that called first ends it all: work asks again and again whether it is still wanted
 * ({@link #check}).
 */
public final class HostThreads {
  /** What the work of one caller shares, on whatever threads it is done. */
  private static final class Caller {
    private volatile boolean isCancelled;
  }

  /** Whose work a thread does. */
  private static final ThreadLocal<@Nullable Caller> CALLER = new ThreadLocal<>();

  private HostThreads() {}

  /**
   * Called by long work, at least every tenth of a second.
   *
   * @throws CancelledException if the thread was interrupted, or the one it works for
   */
  public static void check() {
    Caller caller = CALLER.get();
    if (Thread.interrupted()) {
      if (caller != null) {
        caller.isCancelled = true;
      }
      throw new CancelledException();
    }
    if (caller != null && caller.isCancelled) {
      throw new CancelledException();
    }
  }

  private static Caller caller() {
    Caller caller = CALLER.get();
    return caller == null ? new Caller() : caller;
  }

  private static <T> T workingFor(Caller caller, Supplier<T> work) {
    Caller before = CALLER.get();
    CALLER.set(caller);
    try {
      return work.get();
    } finally {
      if (before == null) {
        CALLER.remove();
      } else {
        CALLER.set(before);
      }
    }
  }

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
   * @return waits for the result; throws what the work threw, or {@link CancelledException}
   */
  public static <T> Supplier<T> begin(Supplier<T> work) {
    Caller caller = caller();
    CompletableFuture<T> result = CompletableFuture.supplyAsync(() -> workingFor(caller, work));
    return () -> {
      try {
        return result.get();
      } catch (InterruptedException e) {
        caller.isCancelled = true;
        throw new CancelledException();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        if (e.getCause() instanceof Error failure) {
          throw failure;
        }
        throw new IllegalStateException(e);
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
   * @throws CancelledException if the calling thread was interrupted; no work goes on then
   */
  public static void forEach(int count, int limit, IntConsumer work) {
    int threads = Math.min(count, atMost(limit));
    if (threads <= 1) {
      for (int i = 0; i < count; i++) {
        check();
        work.accept(i);
      }
      return;
    }
    Caller caller = caller();
    AtomicInteger next = new AtomicInteger();
    @Nullable Throwable[] failures = new Throwable[count];
    Runnable worker =
        () -> {
          for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
            try {
              check();
              work.accept(i);
            } catch (RuntimeException | Error e) {
              failures[i] = e;
              next.set(count);
            }
          }
        };
    Runnable inThread =
        () ->
            workingFor(
                caller,
                () -> {
                  worker.run();
                  return count;
                });
    List<ForkJoinTask<?>> others = new ArrayList<>();
    for (int i = 1; i < threads; i++) {
      others.add(ForkJoinTask.adapt(inThread).fork());
    }
    inThread.run();
    for (ForkJoinTask<?> other : others) {
      await(other, caller);
    }
    if (caller.isCancelled) {
      throw new CancelledException();
    }
    for (Throwable failure : failures) {
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure != null) {
        throw (RuntimeException) failure;
      }
    }
  }

  // Work may still be going on when its caller is interrupted; it ends at its next check.
  private static void await(ForkJoinTask<?> other, Caller caller) {
    try {
      other.get();
    } catch (InterruptedException e) {
      caller.isCancelled = true;
      other.join();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
