package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.ProgramBound;
import org.tataa.observe.Counters;

/**
 * The steps of one layer of a model, of all items.
 *
 * @param name what the names of its values begin with, as {@code /encoder/layer.0}
 * @param cycles core cycles
 * @param bound what its programs need if nothing ever waited
 * @param macs useful multiply-accumulates
 * @param paddedMacs those of the array beyond them
 * @param counters counters of the cores
 * @param worst smallest cosine of a value with float32; NaN if none was compared
 * @param worstValue the value of the smallest cosine; empty if none was compared
 */
public record Layer(
    String name,
    long cycles,
    ProgramBound bound,
    long macs,
    long paddedMacs,
    Counters counters,
    double worst,
    String worstValue) {
  private static final Pattern NUMBERED = Pattern.compile("(.*?[./]\\d+)(?:[/.].*)?");
  private static final Pattern SCOPED = Pattern.compile("(/?[^/]+)(?:/.*)?");

  /**
   * The layer a value belongs to: exporters name values by the modules they are in, and number the
   * layers. Up to the first number that stands alone, or else the first part of the name.
   */
  public static String of(String value) {
    for (Pattern pattern : List.of(NUMBERED, SCOPED)) {
      Matcher matcher = pattern.matcher(value);
      if (matcher.matches()) {
        return matcher.group(1);
      }
    }
    return value;
  }

  /** Whether it is one of several numbered ones, as the layers of an encoder. */
  public boolean isNumbered() {
    return NUMBERED.matcher(name).matches();
  }

  /** Sums over the steps of all runs, layers in the order of their first step. */
  static List<Layer> sums(List<BatchResult.Run> runs) {
    Map<String, Layer> layers = new LinkedHashMap<>();
    for (BatchResult.Run run : runs) {
      for (CompiledModel.StepReport step : run.result().steps()) {
        layers.merge(
            of(step.name()),
            new Layer(
                of(step.name()),
                step.coreCycles(),
                step.bound(),
                step.macs(),
                step.paddedMacs(),
                step.counters(),
                step.cosine(),
                Double.isNaN(step.cosine()) ? "" : step.name()),
            Layer::plus);
      }
    }
    return new ArrayList<>(layers.values());
  }

  private Layer plus(Layer other) {
    Counters sum = new Counters();
    sum.add(counters);
    sum.add(other.counters);
    boolean isOther = Double.isNaN(worst) || other.worst < worst;
    return new Layer(
        name,
        cycles + other.cycles,
        bound.plus(other.bound),
        macs + other.macs,
        paddedMacs + other.paddedMacs,
        sum,
        isOther ? other.worst : worst,
        isOther ? other.worstValue : worstValue);
  }
}
