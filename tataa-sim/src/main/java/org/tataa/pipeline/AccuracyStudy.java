package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.PackLimit;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.IsaProfile;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.quant.Calibrator;
import org.tataa.quant.QuantizationOptions;
import org.tataa.quant.RangeObserver;

/** How close all-MiniLM-L6-v2 on the machine comes to float32, for several schemes. */
public final class AccuracyStudy {
  /** Name of the default scheme. */
  public static final String DEFAULT = "default";

  /** Name of the scheme with the published instructions alone. */
  public static final String PUBLISHED = "instruction set PUBLISHED";

  /** Name of the scheme with accumulators of 16 bits. */
  public static final String PACKED_INT16 = "accumulator PACKED_INT16";

  /** Name of the scheme of the TATAA authors. */
  public static final String AUTHORS = "per-tensor weights, min-max (the authors' scheme)";

  /**
   * A scheme.
   *
   * @param name for the table
   * @param config the machine
   * @param options of the compiler
   */
  public record Scheme(String name, TataaConfig config, CompilerOptions options) {}

  /**
   * What a scheme reached.
   *
   * @param scheme the scheme
   * @param meanCosine mean cosine of embeddings with float32
   * @param minCosine smallest
   * @param spearman rank correlation of the similarities of all pairs
   * @param deviceCycles cycles of the device for all sentences
   * @param wraps sums that wrapped
   */
  public record Row(
      Scheme scheme,
      double meanCosine,
      double minCosine,
      double spearman,
      long deviceCycles,
      long wraps) {}

  private AccuracyStudy() {}

  /**
   * The schemes of the table in docs/accuracy.md, every sentence by itself; the first is the
   * default.
   */
  public static List<Scheme> schemes() {
    TataaConfig u280 = TataaConfig.u280();
    CompilerOptions options = CompilerOptions.DEFAULT.withPacking(PackLimit.OFF);
    QuantizationOptions scheme = QuantizationOptions.DEFAULT;
    List<Scheme> schemes = new ArrayList<>();
    schemes.add(new Scheme(DEFAULT, u280, options));
    schemes.add(new Scheme("accumulator INT32", with(u280, AccumulatorKind.INT32), options));
    schemes.add(new Scheme(PACKED_INT16, with(u280, AccumulatorKind.PACKED_INT16), options));
    schemes.add(
        new Scheme(
            "accumulator PACKED_INT16, products cut at K = 192",
            with(u280, AccumulatorKind.PACKED_INT16),
            options.withQuantization(scheme.withSplitDepth(192))));
    Profiles profiles = u280.profiles();
    schemes.add(
        new Scheme(
            PUBLISHED,
            u280.withProfiles(
                new Profiles(
                    profiles.arithmetic(),
                    profiles.accumulator(),
                    IsaProfile.PUBLISHED,
                    profiles.hazards())),
            options));
    schemes.add(
        new Scheme(
            "exponential 2^floor", u280, options.withApproximations(Map.of("Softmax", "floor"))));
    schemes.add(
        new Scheme(
            "GELU by the Pade form", u280, options.withApproximations(Map.of("Gelu", "pade"))));
    schemes.add(
        new Scheme(
            "observer min-max",
            u280,
            options.withQuantization(scheme.withObserver(RangeObserver.MIN_MAX))));
    schemes.add(
        new Scheme(
            "observer percentile 99.99",
            u280,
            options.withQuantization(scheme.withObserver(RangeObserver.PERCENTILE))));
    schemes.add(
        new Scheme(
            "observer entropy",
            u280,
            options.withQuantization(scheme.withObserver(RangeObserver.ENTROPY))));
    schemes.add(
        new Scheme("no migration", u280, options.withQuantization(scheme.withMigration(0, 0))));
    schemes.add(
        new Scheme(AUTHORS, u280, options.withQuantization(QuantizationOptions.PER_TENSOR)));
    return schemes;
  }

  private static TataaConfig with(TataaConfig config, AccumulatorKind kind) {
    Profiles profiles = config.profiles();
    return config.withProfiles(
        new Profiles(profiles.arithmetic(), kind, profiles.isa(), profiles.hazards()));
  }

  /** Measures a scheme. */
  public static Row measure(
      Scheme scheme, List<String> calibration, List<String> test, Calibrator.Progress progress) {
    try (SentenceEncoder encoder = SentenceEncoder.miniLm(scheme.config(), scheme.options())) {
      encoder.calibrate(calibration, (done, of) -> {});
      BatchResult result = encoder.run(test, true, progress);
      return row(scheme, encoder, result, encoder.expected(result));
    }
  }

  /** Compares a batch with embeddings from elsewhere. */
  public static Row row(
      Scheme scheme, SentenceEncoder encoder, BatchResult result, List<float[]> expected) {
    List<float[]> actual = encoder.embeddings(result);
    double sum = 0;
    double min = 1;
    for (int i = 0; i < actual.size(); i++) {
      double cosine = CompiledModel.cosine(actual.get(i), expected.get(i));
      sum += cosine;
      min = Math.min(min, cosine);
    }
    double spearman =
        Similarity.spearman(
            Similarity.pairs(Similarity.matrix(actual)),
            Similarity.pairs(Similarity.matrix(expected)));
    return new Row(
        scheme,
        sum / actual.size(),
        min,
        spearman,
        result.deviceCycles(),
        result.counters().wraps());
  }
}
