package org.tataa.tile;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.tataa.tensor.Element;
import org.tataa.tensor.Value;

/**
 * Checks that a tile program is well formed for its machine: every access within its buffer, at
 * whole beats and of bytes that are written before they are read; registers, stores and scales as
 * {@link VectorNest}, {@link MatMulNest} and {@link VectorStep} ask; tables of the host within
 * tensors and buffers; outputs made. What passes can be interpreted, and scheduled as far as the
 * machine's registers and memory suffice.
 */
public final class TileVerifier {
  private final TileProgram program;
  private final List<String> problems = new ArrayList<>();
  private final WrittenBytes written = new WrittenBytes();
  private final Map<String, Buffer> names = new HashMap<>();
  private final HostRules host;

  private TileVerifier(TileProgram program, Collection<Value> inputs) {
    this.program = program;
    host = new HostRules(written, new HashSet<>(inputs));
  }

  /**
   * What is wrong with a program, in order; each says step and expectation.
   *
   * @param inputs HOST values that are there before the first step
   */
  public static List<String> problems(TileProgram program, Collection<Value> inputs) {
    TileVerifier verifier = new TileVerifier(program, inputs);
    verifier.verify();
    return List.copyOf(verifier.problems);
  }

  /**
   * Refuses a program that is not well formed.
   *
   * @param inputs HOST values that are there before the first step
   * @throws TileException naming all problems, the first ten in full
   */
  public static void check(TileProgram program, Collection<Value> inputs) {
    List<String> problems = problems(program, inputs);
    if (!problems.isEmpty()) {
      int shown = Math.min(10, problems.size());
      String more = problems.size() > shown ? "\n" + (problems.size() - shown) + " more" : "";
      throw new TileException(
          "tile program "
              + program.name()
              + ": "
              + String.join("\n", problems.subList(0, shown))
              + more);
    }
  }

  /** Whether steps of a well formed program read bytes of padding, whose values are not known. */
  static boolean readsPadding(TileProgram program, Collection<Value> inputs) {
    TileVerifier verifier = new TileVerifier(program, inputs);
    verifier.verify();
    return verifier.written.readsPadding();
  }

  private void verify() {
    Map<Integer, List<StoredValue>> values = new HashMap<>();
    for (StoredValue stored : program.values()) {
      if (stored.step() < 0 || stored.step() >= program.steps().size()) {
        add(stored.value().toString(), "expected a step of the program, found " + stored.step());
      } else {
        values.computeIfAbsent(stored.step(), key -> new ArrayList<>()).add(stored);
      }
    }
    for (int i = 0; i < program.steps().size(); i++) {
      step(program.steps().get(i), place(i));
      for (StoredValue stored : values.getOrDefault(i, List.of())) {
        stored(stored, place(i));
      }
    }
    program
        .outputs()
        .forEach(
            (name, value) -> {
              if (!host.isKnown(value)) {
                add("output " + name, "expected a value of the host that is made, found " + value);
              }
            });
  }

  private String place(int number) {
    Work work = program.steps().get(number).work();
    return "step " + number + ", " + work.kind() + " " + work.value();
  }

  private void add(String place, String problem) {
    problems.add(place + ": " + problem);
  }

  private void step(TileStep step, String place) {
    for (Buffer buffer : StepBuffers.of(step)) {
      Buffer other = names.putIfAbsent(buffer.name(), buffer);
      if (other != null && other != buffer) {
        add(place, "expected a unique name, found two buffers " + buffer.name());
      }
      if (buffer.bytes() > Integer.MAX_VALUE) {
        add(place, "expected buffers of less than 2 GiB, found " + buffer);
        return;
      }
    }
    if (step instanceof HostStep hostStep) {
      host.check(hostStep, problem -> add(place, problem));
      return;
    }
    if (step instanceof FusedNest nest) {
      new FusedRules(program.config(), problem -> add(place, problem)).check(nest);
      nest(nest.products(), place);
      nest(nest.lanes(), place);
      written.forget(nest.sums());
    } else {
      nest(step, place);
    }
  }

  private void nest(TileStep step, String place) {
    NestRules rules = new NestRules(program.config(), written, problem -> add(place, problem));
    if (step instanceof MatMulNest nest) {
      new MatMulRules(program.config(), rules).check(nest);
    } else {
      new VectorRules(program.config(), rules).check((VectorNest) step);
    }
    rules.finish();
  }

  private void stored(StoredValue stored, String place) {
    Value value = stored.value();
    long bytes = (value.element() == Element.INT8 ? 1L : 2L) * stored.layout().places();
    if (!value.isOnDevice()) {
      add(place, "expected a value on the device stored, found " + value);
    } else if (bytes > stored.buffer().bytes()) {
      add(place, "expected " + bytes + " bytes for " + value + ", found " + stored.buffer());
    } else if (!StepBuffers.of(program.steps().get(stored.step())).contains(stored.buffer())
        || !written.isTouched(stored.buffer())) {
      add(place, "expected " + value + " in a buffer the step writes, found " + stored.buffer());
    }
  }
}
