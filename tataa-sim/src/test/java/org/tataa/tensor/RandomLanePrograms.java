package org.tataa.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.tataa.config.IsaProfile;
import org.tataa.function.FunctionLibrary;
import org.tataa.function.LaneProgram;

/** Random expressions: short ones, functions of the library, now and then none at all. */
final class RandomLanePrograms {
  private final Random random;
  private final IsaProfile isa;

  RandomLanePrograms(Random random, IsaProfile isa) {
    this.random = random;
    this.isa = isa;
  }

  boolean isExtended() {
    return isa == IsaProfile.EXTENDED;
  }

  LaneProgram program(int inputs) {
    LaneProgram.Builder p = LaneProgram.builder("random", inputs);
    List<LaneProgram.Value> values = new ArrayList<>();
    for (int i = 0; i < inputs; i++) {
      values.add(p.input(i));
    }
    if (random.nextInt(12) == 0) {
      return p.build(values.get(random.nextInt(inputs)));
    }
    LaneProgram.Value last = values.get(0);
    // All inputs are read, unless another operation takes the place.
    for (int i = 0; i < inputs + random.nextInt(4); i++) {
      LaneProgram.Value next =
          i + 1 < inputs ? values.get(i + 1) : values.get(random.nextInt(values.size()));
      last = step(p, last, next);
      values.add(last);
    }
    return p.build(last);
  }

  private LaneProgram.Value step(LaneProgram.Builder p, LaneProgram.Value a, LaneProgram.Value b) {
    LaneProgram.Value second = random.nextInt(3) == 0 ? p.constant(random.nextInt(9) / 4.0 - 1) : b;
    return switch (random.nextInt(isExtended() ? 12 : 8)) {
      case 0, 1 -> p.mul(a, second);
      case 2, 3 -> p.add(a, second);
      case 4 -> p.sub(a, b);
      case 5 -> p.add(p.mul(a, a), second);
      case 6 -> p.app(a);
      case 7 -> {
        List<FunctionLibrary.Entry> all = FunctionLibrary.entries();
        String name = all.get(random.nextInt(all.size())).name();
        yield p.apply(FunctionLibrary.find(name, isa, "").program(), a);
      }
      case 8 -> p.max(a, second);
      case 9 -> p.min(a, second);
      case 10 -> p.floor(a);
      default -> p.exp2i(a);
    };
  }
}
