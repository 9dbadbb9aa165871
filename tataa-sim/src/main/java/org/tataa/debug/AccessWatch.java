package org.tataa.debug;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tataa.core.TataaCore;
import org.tataa.isa.Bank;
import org.tataa.isa.Instruction;
import org.tataa.isa.LoadM;
import org.tataa.isa.LoadV;
import org.tataa.isa.Operand;
import org.tataa.isa.Store;
import org.tataa.memory.ExternalMemory;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.UnitKind;

/** Notices when a load or store begins whose bytes include an address. */
final class AccessWatch implements CoreObserver {
  private static final Pattern PLACE = Pattern.compile("(x|yz)\\[(0x[0-9a-fA-F]{1,8}|\\d{1,10})]");

  private final TataaCore core;
  private final int place;
  private int found = -1;

  /**
   * Watches a byte.
   *
   * @param text as {@code yz[0x200]}
   * @throws IllegalArgumentException if it is not an address in the memory
   */
  AccessWatch(TataaCore core, String text) {
    this.core = core;
    Matcher matcher = PLACE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "`" + text + "` is no address, expected one as yz[0x200] or x[64]");
    }
    ExternalMemory.Space space =
        matcher.group(1).equals("x") ? ExternalMemory.Space.X : ExternalMemory.Space.YZ;
    long address = Long.decode(matcher.group(2).replaceFirst("^0+(?=[1-9])", ""));
    if (!core.memory().contains(space, address, 1)) {
      throw new IllegalArgumentException(
          text + ": outside the memory, " + space + " has " + core.memory().size(space) + " bytes");
    }
    place = core.memory().locate(space, address, 1);
  }

  @Override
  public void onStart(long cycle, int index, UnitKind unit) {
    Instruction instruction = core.controller().program().instruction(index);
    if (instruction instanceof LoadM load) {
      boolean isX = load.operand() == Operand.X;
      check(index, isX, load.address(), load.bytes());
    } else if (instruction instanceof LoadV load) {
      check(index, load.bank() == Bank.A, load.address(), load.bytes());
    } else if (instruction instanceof Store store) {
      check(index, false, store.address(), store.bytes());
    }
  }

  private void check(int index, boolean isX, long address, int bytes) {
    ExternalMemory.Space space = isX ? ExternalMemory.Space.X : ExternalMemory.Space.YZ;
    int from = core.memory().locate(space, address, bytes);
    if (place >= from && place < from + bytes) {
      found = index;
    }
  }

  /** The instruction that reads or writes the byte, the latest that began; -1 for none. */
  int found() {
    return found;
  }
}
