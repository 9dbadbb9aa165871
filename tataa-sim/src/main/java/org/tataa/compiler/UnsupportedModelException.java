package org.tataa.compiler;

import java.util.List;

/** A model has parts the compiler cannot map to the machine; all of them are listed. */
public final class UnsupportedModelException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Problems, one per node: name, operator, shapes, and the nearest supported form. */
  private final String[] problems;

  /** All problems of a model. */
  public UnsupportedModelException(String model, List<String> problems) {
    super(
        model
            + ": "
            + problems.size()
            + (problems.size() == 1 ? " node is" : " nodes are")
            + " not supported:\n  "
            + String.join("\n  ", problems));
    this.problems = problems.toArray(String[]::new);
  }

  /** The problems. */
  public List<String> problems() {
    return List.of(problems);
  }
}
