package org.tataa.cli;

import java.io.PrintWriter;
import java.util.function.Consumer;
import java.util.function.Supplier;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import org.tataa.control.Controller;
import org.tataa.pipeline.MissingArtifactException;
import org.tataa.quant.Calibrator;
import org.tataa.sim.Simulator;

/** A progress bar on the error stream; silent where nobody watches, or wants to. */
final class Progress implements Calibrator.Progress, AutoCloseable {
  /** Cycles to simulate between two looks at the progress. */
  static final long CYCLES = 1 << 16;

  private static final int WIDTH = 72;

  private final @Nullable Bar bar;
  private final PrintWriter err;
  private boolean isShown;

  /** A bar for a task, shown if there is a terminal; of unknown length until {@link #done}. */
  Progress(PrintWriter err, String task) {
    this.err = err;
    bar = Terminals.isInteractive() && !(err instanceof QuietWriter) ? bar(task) : null;
  }

  // A run is worth more than its bar.
  private @Nullable Bar bar(String task) {
    try {
      return new Bar(task, this::show);
    } catch (NoClassDefFoundError e) {
      MissingArtifactException missing = MissingArtifactException.of(e);
      if (missing == null) {
        throw e;
      }
      err.println("tataa: no progress is shown: " + missing.getMessage());
      return null;
    }
  }

  // Apart, because the library may be missing.
  private static final class Bar {
    private final ProgressBar bar;

    Bar(String task, Consumer<String> shown) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setStyle(ProgressBarStyle.ASCII)
              .setMaxRenderedLength(WIDTH)
              .setConsumer(new DelegatingProgressBarConsumer(shown))
              .build();
    }

    void done(int steps, int of) {
      bar.maxHint(of);
      bar.stepTo(steps);
    }

    void close() {
      bar.close();
    }
  }

  /** Does something that does not say how far it is. */
  @SuppressWarnings("try") // Only to be closed.
  static <T> T during(PrintWriter err, String task, Supplier<T> work) {
    try (Progress progress = new Progress(err, task)) {
      return work.get();
    }
  }

  private void show(String line) {
    err.print('\r' + line);
    err.flush();
    isShown = true;
  }

  @Override
  public void done(int steps, int of) {
    if (bar != null) {
      bar.done(steps, of);
    }
  }

  /** Shows how many instructions a run has accepted. */
  void follow(Simulator simulator) {
    Controller controller = simulator.core(0).controller();
    done(controller.pc(), controller.program().size());
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      if (isShown) {
        err.println();
      }
    }
  }
}
