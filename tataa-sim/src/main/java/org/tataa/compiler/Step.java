package org.tataa.compiler;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;
import org.tataa.graph.NdTensor;
import org.tataa.kernel.BlockForm;

/** Something the machine, or the host between two programs, does. */
abstract sealed class Step {
  /** Kind of work, for reports. */
  enum Kind {
    HOST,
    LINEAR,
    SCORES,
    SOFTMAX,
    CONTEXT,
    LANES,
    STATISTICS,
    QUANTISE,
    TRANSPOSE,
    POOL
  }

  final String name;
  final Kind kind;

  private Step(String name, Kind kind) {
    this.name = name;
    this.kind = kind;
  }

  /** The host writes a value of its own: an embedding, an image, a constant, a table. */
  static final class Place extends Step {
    final String value;
    final Placement placement;
    final FeatureMap map;
    final @Nullable NdTensor constant;
    final Matrix result;

    Place(
        String value,
        Placement placement,
        FeatureMap map,
        @Nullable NdTensor constant,
        Matrix result) {
      super(value, Kind.HOST);
      this.value = value;
      this.placement = placement;
      this.map = map;
      this.constant = constant;
      this.result = result;
    }
  }

  /** The host moves elements of results to other tokens or features. */
  static final class Rearrange extends Step {
    /** Codes of {@link Views} for {@code [group][token][feature]} of the result. */
    final NdTensor codes;

    final Placement placement;
    final FeatureMap map;
    final Matrix result;

    Rearrange(String value, NdTensor codes, Placement placement, FeatureMap map, Matrix result) {
      super(value, Kind.HOST);
      this.codes = codes;
      this.placement = placement;
      this.map = map;
      this.result = result;
    }
  }

  /** A product with constant weights; the result is the sum of codes, not yet scaled. */
  static final class Linear extends Step {
    final Codes input;
    final Weights weights;

    /** First place of the input that takes part. */
    final int from;

    /** Places that take part. */
    final int depth;

    final Matrix result;

    Linear(String name, Codes input, Weights weights, int from, int depth, Matrix result) {
      super(name, Kind.LINEAR);
      this.input = input;
      this.weights = weights;
      this.from = from;
      this.depth = depth;
      this.result = result;
    }
  }

  /** A lane program over matrices of one form. */
  static final class Lanes extends Step {
    final LaneProgram program;
    final List<Source> sources;
    final BlockForm form;
    final Matrix result;

    Lanes(String name, LaneProgram program, List<Source> sources, BlockForm form, Matrix result) {
      super(name, Kind.LANES);
      this.program = program;
      this.sources = List.copyOf(sources);
      this.form = form;
      this.result = result;
    }
  }

  /** A lane program whose result becomes int8 codes. */
  static final class Quantise extends Step {
    final LaneProgram program;
    final List<Source> sources;
    final BlockForm form;
    final Codes result;

    Quantise(String name, LaneProgram program, List<Source> sources, BlockForm form, Codes result) {
      super(name, Kind.QUANTISE);
      this.program = program;
      this.sources = List.copyOf(sources);
      this.form = form;
      this.result = result;
    }
  }

  /** Turns token words into place words by a product with the identity. */
  static final class Transpose extends Step {
    final Codes input;
    final Codes result;

    Transpose(Codes input, Codes result) {
      super(input.name, Kind.TRANSPOSE);
      this.input = input;
      this.result = result;
    }
  }

  /** Mean and inverse deviation of every token. */
  static final class Statistics extends Step {
    final Matrix input;
    final int features;
    final boolean isCentred;
    final double epsilon;

    Statistics(String name, Matrix input, int features, boolean isCentred, double epsilon) {
      super(name, Kind.STATISTICS);
      this.input = input;
      this.features = features;
      this.isCentred = isCentred;
      this.epsilon = epsilon;
    }
  }

  /** SoftMax over the features of a matrix of form FEATURES. */
  static final class Softmax extends Step {
    final Matrix input;
    final int features;
    final Matrix result;

    Softmax(String name, Matrix input, int features, Matrix result) {
      super(name, Kind.SOFTMAX);
      this.input = input;
      this.features = features;
      this.result = result;
    }
  }

  /** Scores, SoftMax and context of all heads. */
  static final class Attend extends Step {
    final Attention attention;

    Attend(Attention attention) {
      super(attention.name, Kind.SCORES);
      this.attention = attention;
    }
  }

  /** Sums over the tokens of each group; token g of the result is group g. */
  static final class Pool extends Step {
    final Codes input;
    final Matrix result;

    Pool(String name, Codes input, Matrix result) {
      super(name, Kind.POOL);
      this.input = input;
      this.result = result;
    }
  }

  @Override
  public String toString() {
    return kind + " " + name;
  }
}
