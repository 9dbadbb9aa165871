package org.tataa.control;

import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.ConfigConst;
import org.tataa.isa.Instruction;
import org.tataa.isa.LoadM;
import org.tataa.isa.LoadV;
import org.tataa.isa.MatMul;
import org.tataa.isa.Operand;
import org.tataa.isa.Store;
import org.tataa.isa.StoreSlots;
import org.tataa.isa.VectorOp;
import org.tataa.memory.ExternalMemory;

/**
 * What an instruction must satisfy on a given machine, whatever the state of a run: sizes,
 * addresses and register numbers (isa.md). Checked when the instruction reaches the controller.
 */
final class ProgramChecks {
  private final TataaConfig config;
  private final ExternalMemory memory;
  private final int beatBytes;

  ProgramChecks(TataaConfig config, ExternalMemory memory) {
    this.config = config;
    this.memory = memory;
    beatBytes = config.memory().portBytes();
  }

  /**
   * Checks one instruction.
   *
   * @return what is wrong and what was expected, or an empty string
   */
  String problem(Instruction instruction) {
    if (instruction instanceof VectorOp op) {
      return vector(op);
    } else if (instruction instanceof LoadM load) {
      return matrixLoad(load);
    } else if (instruction instanceof LoadV load) {
      return vectorLoad(load);
    } else if (instruction instanceof MatMul matmul) {
      return limit("depth", matmul.depth(), config.buffers().tileDepth());
    } else if (instruction instanceof Store store) {
      return store(store);
    } else if (instruction instanceof StoreSlots store) {
      return storeSlots(store);
    } else if (instruction instanceof ConfigConst constant) {
      return limit("index", constant.index(), config.buffers().constants() - 1);
    }
    return "";
  }

  private static String limit(String name, int value, int max) {
    return value <= max ? "" : name + "=" + value + " exceeds this machine's " + max;
  }

  private static String bytes(int found, int expected, String how) {
    return found == expected ? "" : "bytes=" + found + ", expected " + expected + " (" + how + ")";
  }

  private String address(ExternalMemory.Space space, long address, int bytes) {
    if (address % beatBytes != 0) {
      return String.format("address 0x%x is not a multiple of %d bytes", address, beatBytes);
    }
    if (!memory.contains(space, address, bytes)) {
      return String.format(
          "bytes 0x%x..0x%x are outside the %s space of 0x%x bytes",
          address, address + bytes - 1, space, memory.size(space));
    }
    return "";
  }

  private static String first(String... problems) {
    for (String problem : problems) {
      if (!problem.isEmpty()) {
        return problem;
      }
    }
    return "";
  }

  private String matrixLoad(LoadM load) {
    boolean x = load.operand() == Operand.X;
    int word = x ? config.geometry().rows() : config.geometry().outputs();
    return first(
        limit("depth", load.depth(), config.buffers().tileDepth()),
        bytes(load.bytes(), word * load.depth(), word + " x depth " + load.depth()),
        address(
            x ? ExternalMemory.Space.X : ExternalMemory.Space.YZ, load.address(), load.bytes()));
  }

  private String vectorLoad(LoadV load) {
    int vector = config.geometry().vectorBytes();
    int most = config.memory().vectorsPerLoad(vector);
    int slots = Math.max(1, load.bytes() / vector);
    return first(
        limit("slot", load.slot() + slots - 1, config.buffers().vectorSlots() - 1),
        most == 1 || load.bytes() == 0 || load.bytes() % vector != 0
            ? bytes(load.bytes(), vector, "one vector")
            : "",
        limit("bytes", load.bytes(), most * vector),
        address(
            load.bank() == Bank.A ? ExternalMemory.Space.X : ExternalMemory.Space.YZ,
            load.address(),
            load.bytes()));
  }

  private String vector(VectorOp op) {
    int slots = config.buffers().vectorSlots() - 1;
    return first(
        op.isExtension() && config.profiles().isa() == IsaProfile.PUBLISHED
            ? "not in ISA profile PUBLISHED, which has V.MUL, V.ADD and V.APP"
            : "",
        op.readsA() ? limit("slotA", op.slotA(), slots) : "",
        op.readsB() ? limit("slotB", op.slotB(), slots) : "",
        op.writeBack() ? limit("destSlot", op.destSlot(), slots) : "",
        limit("constant", op.constant(), config.buffers().constants() - 1));
  }

  private String words(int words) {
    int dmpus = config.geometry().dmpus();
    return first(
        limit("words", words, config.maxStoreWords()),
        words % dmpus == 0
            ? ""
            : "words=" + words + " is not a multiple of the " + dmpus + " DMPUs");
  }

  private String storeSlots(StoreSlots store) {
    // A word of each DMPU is one vector or two.
    int bytes = store.mode().wordBytes(config.geometry()) * store.words();
    int slots = bytes / config.geometry().vectorBytes();
    return first(
        config.resultPath() ? "" : "this machine has no result path to vector slots",
        words(store.words()),
        limit("slot", store.slot() + slots - 1, config.buffers().vectorSlots() - 1));
  }

  private String store(Store store) {
    int rows = config.geometry().rows();
    int word = store.mode().wordBytes(config.geometry());
    boolean int8 = store.mode().toInt8();
    return first(
        words(store.words()),
        bytes(store.bytes(), word * store.words(), word + " x words " + store.words()),
        store.transpose() && !int8 ? "transpose needs an int8 result" : "",
        store.transpose() && !config.canTranspose()
            ? "transpose needs a square block, this machine's is "
                + rows
                + "x"
                + config.geometry().outputs()
            : "",
        store.transpose() && store.words() % rows != 0
            ? "transpose needs a multiple of " + rows + " words, found " + store.words()
            : "",
        address(ExternalMemory.Space.YZ, store.address(), store.bytes()));
  }
}
