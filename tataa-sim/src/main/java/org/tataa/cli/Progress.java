package org.tataa.cli;

import java.io.PrintWriter;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import org.tataa.quant.Calibrator;

/** A progress bar on the error stream; silent where nobody watches. */
final class Progress implements Calibrator.Progress, AutoCloseable {
  private static final int WIDTH = 72;

  private final @Nullable ProgressBar bar;
  private final PrintWriter err;
  private boolean isShown;

  /** A bar for a task, shown if there is a terminal. */
  Progress(PrintWriter err, String task) {
    this.err = err;
    bar =
        Terminals.isInteractive()
            ? new ProgressBarBuilder()
                .setTaskName(task)
                .setStyle(ProgressBarStyle.ASCII)
                .setMaxRenderedLength(WIDTH)
                .setConsumer(new DelegatingProgressBarConsumer(this::show))
                .build()
            : null;
  }

  private void show(String line) {
    err.print('\r' + line);
    err.flush();
    isShown = true;
  }

  @Override
  public void done(int steps, int of) {
    if (bar != null) {
      bar.maxHint(of);
      bar.stepTo(steps);
    }
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
