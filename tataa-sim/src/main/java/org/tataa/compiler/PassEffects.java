package org.tataa.compiler;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
   * Compiles a model with none of the passes, with the first, with the first two, and so on.
   *
   * @param left names of passes that are left out throughout
   * @param without compiles it without some passes, by name
   */
  static List<Effect> of(Set<String> left, Function<Set<String>, Compilation> without) {
    List<Effect> effects = new ArrayList<>();
    Set<String> disabled = new HashSet<>(Passes.names());
    effects.add(effect(null, without.apply(disabled)));
    for (Passes.Pass pass : Passes.all()) {
      if (!left.contains(pass.name())) {
        disabled.remove(pass.name());
        effects.add(effect(pass, without.apply(disabled)));
      }
    }
    return effects;
  }

  private static Effect effect(Passes.@Nullable Pass pass, Compilation compilation) {
    return new Effect(
        pass,
        compilation.tensors().ops().size(),
        ProgramBound.of(compilation.schedule().core(), compilation.schedule().programs()));
  }
}
