package org.tataa.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.tataa.compiler.CompilerOptions;
import org.tataa.quant.QuantizationOptions;

/** Choices of the compiler, as reports name them. */
final class CompilerView {
  private CompilerView() {}

  /** All choices, whether they were given or not. */
  static Map<String, Object> describe(CompilerOptions options) {
    QuantizationOptions quantization = options.quantization();
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("observer", quantization.observer().name());
    view.put("percentile", quantization.percentile());
    view.put("perChannelWeights", quantization.perChannelWeights());
    view.put("migrationAfterNorm", quantization.migrationAfterNorm());
    view.put("migrationElsewhere", quantization.migrationElsewhere());
    view.put("headroom", quantization.headroom());
    view.put("splitDepth", quantization.splitDepth());
    view.put("activationCodes", quantization.activationCodes());
    view.put("correctsBias", quantization.correctsBias());
    view.put("approximations", new TreeMap<>(options.approximations()));
    view.put("disabledPasses", new TreeSet<>(options.disabledPasses()));
    view.put("rangeScaling", options.rangeScaling());
    view.put("partitioning", options.partitioning().text());
    view.put("packing", options.packing().text());
    view.put("forwarding", options.forwarding().text());
    return view;
  }

  /** Prints the choices that are not the usual ones in one line, or nothing. */
  static void print(PrintWriter out, CompilerOptions options) {
    Map<String, Object> usual = describe(CompilerOptions.DEFAULT);
    String changes =
        describe(options).entrySet().stream()
            .filter(choice -> !choice.getValue().equals(usual.get(choice.getKey())))
            .map(choice -> choice.getKey() + "=" + choice.getValue())
            .collect(Collectors.joining(", "));
    if (!changes.isEmpty()) {
      out.println("compiler: " + changes);
    }
  }
}
