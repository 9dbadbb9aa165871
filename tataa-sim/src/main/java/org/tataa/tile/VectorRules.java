package org.tataa.tile;

import java.util.Arrays;
import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.isa.StoreMode;
import org.tataa.tile.VectorStep.Operand;

/** What a nest of vector work must satisfy on a machine. */
final class VectorRules {
  // What a register holds.
  private enum Content {
    NOTHING,
    LOADED,
    COMPUTED,
    STORED
  }

  private final TataaConfig config;
  private final NestRules rules;
  private Content[] contents = {};
  private boolean[] isRead = {};

  VectorRules(TataaConfig config, NestRules rules) {
    this.config = config;
    this.rules = rules;
  }

  /** Reports what is wrong. */
  void check(VectorNest nest) {
    // Every register is written by a step of its own.
    if (nest.registers() < 0 || nest.registers() > nest.body().size()) {
      rules.expected("as many registers as are written", nest.registers());
      return;
    }
    if (!rules.loops(nest.loops())) {
      return;
    }
    contents = new Content[nest.registers()];
    Arrays.fill(contents, Content.NOTHING);
    isRead = new boolean[nest.registers()];
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Load load) {
        rules.reads("a load", load.from(), config.geometry().vectorBytes());
        define(step, load.register(), Content.LOADED);
      } else if (step instanceof VectorStep.Operate operate) {
        operate(operate);
      } else {
        store((VectorStep.Store) step);
      }
    }
    for (int register = 0; register < contents.length; register++) {
      if (contents[register] == Content.NOTHING) {
        rules.expected("registers that are all written", "v" + register + " never written");
      } else if (contents[register] == Content.STORED && isRead[register]) {
        rules.expected("a stored register nothing else reads", "v" + register);
      }
    }
  }

  private boolean exists(VectorStep step, int register) {
    boolean exists = register >= 0 && register < contents.length;
    if (!exists) {
      rules.expected("registers below " + contents.length, step);
    }
    return exists;
  }

  private void define(VectorStep step, int register, Content content) {
    if (!exists(step, register)) {
      return;
    }
    if (contents[register] != Content.NOTHING) {
      rules.expected("a register written once", step);
    } else {
      contents[register] = content;
    }
  }

  private void operate(VectorStep.Operate operate) {
    Operand first = operate.first();
    Operand second = operate.second();
    if (operate.op().isExtension() && config.profiles().isa() == IsaProfile.PUBLISHED) {
      rules.expected("the PUBLISHED instruction set", operate);
    }
    use(operate, first);
    use(operate, second);
    if (operate.op().operands() == 1 && (first.isConstant() || !first.equals(second))) {
      rules.expected("an operation of one register, given twice", operate);
    } else if (first.isConstant() && second.isConstant()) {
      rules.expected("at most one constant", operate);
    } else if (operate.negateSecond() && (second.isConstant() || first.equals(second))) {
      rules.expected("the sign flipped of a second register only", operate);
    }
    define(operate, operate.register(), Content.COMPUTED);
  }

  private void use(VectorStep step, Operand operand) {
    if (operand.isConstant()) {
      if (operand.index() != (operand.index() & 0xffff)) {
        rules.expected("a constant of 16 bits", step);
      }
    } else if (exists(step, operand.index())) {
      if (contents[operand.index()] == Content.NOTHING) {
        rules.expected("registers written before they are read", step);
      }
      isRead[operand.index()] = true;
    }
  }

  private void store(VectorStep.Store store) {
    int count = store.registers().length;
    int dmpus = config.geometry().dmpus();
    if (store.mode().fromSums()) {
      rules.expected("a STORE of vectors", store);
      return;
    }
    if (count < 1 || count * (long) dmpus > config.maxStoreWords()) {
      rules.expected(
          "1.." + config.maxStoreWords() / dmpus + " registers, what the buffers hold", store);
      return;
    }
    for (int register : store.registers()) {
      if (!exists(store, register)) {
        continue;
      }
      if (contents[register] != Content.COMPUTED) {
        rules.expected("results of operations, each stored once", store);
      } else {
        contents[register] = Content.STORED;
      }
    }
    boolean isInt8 = store.mode() == StoreMode.BF16_TO_INT8;
    if (isInt8) {
      rules.scale(store.scale());
    }
    if (store.transpose() && !(isInt8 && config.canTranspose() && count % 4 == 0)) {
      rules.expected("a transposed STORE of 4 int8 vectors on a square array", store);
    }
    rules.writes("vectors stored", store.to(), store.bytes(config.geometry()));
  }
}
