package org.tataa.compiler;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;

/** What each pass does for a model. */
public final class PassEffects {
  /**
   * A model with some of its passes.
   *
   * @param pass the last pass that was done; null for none
   * @param operations of the tensor program
   * @param bound what its programs need
   */
  public record Effect(Passes.@Nullable Pass pass, int operations, ProgramBound bound) {}

  private PassEffects() {}

  /**
   * Compiles a model with none of the passes, with the first, with the first two, and so on. Ranges
   * do not matter, so no calibration is needed.
   *
   * @param options passes that are disabled here stay so and are left out
   * @param inputs shapes, with values for the fixed ones
   * @param fixed inputs that have the same values in every run
   */
  public static List<Effect> of(
      TataaConfig config,
      CompilerOptions options,
      OnnxImporter.Model model,
      Map<String, NdTensor> inputs,
      Set<String> fixed) {
    List<Effect> effects = new ArrayList<>();
    Set<String> disabled = new HashSet<>(Passes.names());
    effects.add(effect(null, config, options.withoutPasses(disabled), model, inputs, fixed));
    for (Passes.Pass pass : Passes.all()) {
      if (!options.disabledPasses().contains(pass.name())) {
        disabled.remove(pass.name());
        effects.add(effect(pass, config, options.withoutPasses(disabled), model, inputs, fixed));
      }
    }
    return effects;
  }

  private static Effect effect(
      Passes.@Nullable Pass pass,
      TataaConfig config,
      CompilerOptions options,
      OnnxImporter.Model model,
      Map<String, NdTensor> inputs,
      Set<String> fixed) {
    Compilation compilation = Compilation.of(config, options, model, inputs, fixed, null);
    return new Effect(
        pass,
        compilation.tensors().ops().size(),
        ProgramBound.of(compilation.schedule().core(), compilation.schedule().programs()));
  }
}
