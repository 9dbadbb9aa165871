package org.tataa.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.tataa.config.HazardPolicy;
import org.tataa.config.HbmConfig;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Assembler;
import org.tataa.isa.Encoding;
import org.tataa.isa.Program;
import org.tataa.memory.ExternalMemory;
import org.tataa.observe.CoreObserver;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;
import org.tataa.state.ScanIn;
import org.tataa.state.ScanList;
import org.tataa.state.ScanOut;

/** Registers that are read out and restored while a program uses every unit. */
class ScanTest {
  private static final String TEXT =
      """
      CONFIG.SCALE man=3, shift=4
      CONFIG.CONST C1, bf16(1.5)
      LOAD.M X, tile=0, depth=12, addr=0, bytes=96
      LOAD.M Y, tile=1, depth=12, addr=256, bytes=96
      LOAD.V A0, addr=512, bytes=16
      MATMUL x=0, y=1, depth=12, clear, drain
      MATMUL x=0, y=1, depth=7
      LOAD.V B1, addr=544, bytes=16
      STORE.M int8, words=8, addr=1024, bytes=64
      LOAD.M X, tile=1, depth=9, addr=1024, bytes=72
      V.MUL A0, B1 -> A2
      V.ADD A2, C1 -> B2
      V.APP A2 -> A3
      V.MAX A2, B2 -> DMB
      V.MUL A3, B2 -> DMB
      STORE.V bf16, words=4, addr=2048, bytes=32
      LOAD.V B4, addr=2048, bytes=16
      V.FLOOR B4 -> DMB
      STORE.V int8, words=2, addr=4096, bytes=16
      HALT
      """;

  static final Program PROGRAM = Assembler.assemble(TEXT, "scan.s");

  /** As above, with stores to slots while loads, and a store to memory, are under way. */
  private static final Program FORWARDING =
      Assembler.assemble(
          TEXT.replace(
              "V.FLOOR B4 -> DMB\n",
              "V.FLOOR B4 -> DMB\nSTORE.S vectors, words=2 -> B0\nLOAD.V A1, addr=512, bytes=16\n"
                  + "V.MUL A1, B4 -> DMB\nV.MUL A1, B0 -> DMB\n"
                  + "STORE.S vectors, words=2 -> A4\n"),
          "scan.s",
          Encoding.WIDE);

  private static List<TataaConfig> machines() {
    TataaConfig tiny = TataaConfig.tiny();
    HbmConfig hbm = HbmConfig.U280.withChannels(2).withInterleaveBytes(64);
    return List.of(
        tiny,
        tiny.withOverlappedDrain(true).withPipelinedMode(true),
        tiny.withResultPath(true),
        tiny.withMemory(tiny.memory().withSharedYzPort(true).withBeatInterval(2)),
        tiny.withMemory(tiny.memory().withVectorLoadBeats(2).withHbm(hbm)));
  }

  private static Program program(TataaConfig config) {
    return config.resultPath() ? FORWARDING : PROGRAM;
  }

  private static TataaCore loaded(TataaConfig config) {
    TataaCore core = new TataaCore(config);
    byte[] bytes = new byte[4096];
    new Random(6).nextBytes(bytes);
    core.memory().write(ExternalMemory.Space.X, 0, bytes);
    core.memory().write(ExternalMemory.Space.YZ, 0, bytes);
    core.load(program(config));
    return core;
  }

  private static byte[] state(TataaCore core) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    core.scan(new ScanOut(bytes));
    return bytes.toByteArray();
  }

  private static ScanList list(TataaCore core) {
    ScanList list = new ScanList();
    core.scan(list);
    return list;
  }

  static void finish(TataaCore core) {
    while (!core.isFinished()) {
      core.tick();
      assertThat(core.cycle()).as("cycles of a short program").isLessThan(5000);
    }
  }

  /**
   * A core that takes the state of another one in any cycle goes on as that one does, whatever it
   * did before.
   */
  @Test
  void aRestoredCoreGoesOn() {
    for (TataaConfig config : machines()) {
      TataaCore whole = loaded(config);
      finish(whole);
      for (long cycle = 0; cycle < whole.cycle(); cycle += 7) {
        TataaCore saved = loaded(config);
        while (saved.cycle() < cycle) {
          saved.tick();
        }
        TataaCore restored = loaded(config);
        // Registers that the restored state does not name must not stay.
        while (restored.cycle() < (cycle * 7 + 50) % whole.cycle()) {
          restored.tick();
        }
        restored.load(program(config));
        restored.memory().write(ExternalMemory.Space.X, 0, all(saved, ExternalMemory.Space.X));
        restored.memory().write(ExternalMemory.Space.YZ, 0, all(saved, ExternalMemory.Space.YZ));
        restored.scan(new ScanIn(new ByteArrayInputStream(state(saved))));
        String what = config.name() + ", cycle " + cycle;
        assertThat(list(restored).difference(list(saved))).as(what).isEmpty();
        assertThat(restored.describe()).as(what).isEqualTo(saved.describe());
        finish(restored);
        assertThat(list(restored).difference(list(whole))).as(what).isEmpty();
        assertThat(restored.memory().contentHash())
            .as(what)
            .isEqualTo(whole.memory().contentHash());
      }
    }
  }

  /** What fast-forward leaves out of a clean program nobody can tell from the registers. */
  @Test
  void advancingLeavesTheRegistersOfTicking() {
    int forwarded = 0;
    for (TataaConfig config : machines()) {
      for (int step : new int[] {3, 17, 1000}) {
        TataaCore ticked = loaded(config);
        TataaCore advanced = loaded(config);
        forwarded += advanced.fastForwards() ? 1 : 0;
        while (!ticked.isFinished()) {
          assertThat(ticked.cycle()).isLessThan(5000);
          advanced.advance(step);
          for (int i = 0; i < step && !ticked.isFinished(); i++) {
            ticked.tick();
          }
          String what = config.name() + ", every " + step + ", cycle " + ticked.cycle();
          assertThat(list(advanced).difference(list(ticked))).as(what).isEmpty();
          assertThat(advanced.describe()).as(what).isEqualTo(ticked.describe());
          assertThat(advanced.isFinished()).as(what).isEqualTo(ticked.isFinished());
        }
        assertThat(advanced.memory().contentHash()).isEqualTo(ticked.memory().contentHash());
      }
    }
    assertThat(forwarded).isPositive();
  }

  @Test
  void hazardsAndObserversNeedEveryCycle() {
    TataaConfig tiny = TataaConfig.tiny();
    TataaCore core = loaded(tiny);
    assertThat(core.fastForwards()).isTrue();
    core.observe(new CoreObserver() {});
    assertThat(core.fastForwards()).isFalse();
    core.observe(null);
    assertThat(core.fastForwards()).isTrue();
    TataaConfig trap = tiny.withProfiles(tiny.profiles().withHazards(HazardPolicy.TRAP));
    assertThat(loaded(trap).fastForwards()).isFalse();
    TataaCore wrong = new TataaCore(tiny);
    wrong.load(Assembler.assemble("LOAD.V A0, addr=0, bytes=8", "wrong.s"));
    assertThat(wrong.fastForwards()).isFalse();
  }

  /** Names of the registers that belong to no numbered part. */
  private static final class Names implements ScanChain {
    private final Set<String> names = new TreeSet<>();
    private final Set<String> whole = new TreeSet<>();
    private String unit = "";

    private void add(String register) {
      whole.add(unit + " " + register);
      if (unit.isEmpty() && !register.contains("[")) {
        names.add(register);
      }
    }

    @Override
    public void unit(String name) {
      unit = name;
    }

    @Override
    public int scan(String register, int value) {
      add(register);
      return value;
    }

    @Override
    public long scan(String register, long value) {
      add(register);
      return value;
    }

    @Override
    public void scan(String register, int[] values, int from, int count) {
      add(register);
    }

    @Override
    public void scan(String register, byte[] values, int from, int count) {
      add(register);
    }

    @Override
    public void scan(String register, long[] values) {
      add(register);
    }
  }

  /** Registers of units have their names whatever stands before them in the chain. */
  @Test
  void namesDoNotDependOnWhatIsUnderWay() {
    for (TataaConfig config : machines()) {
      TataaCore core = loaded(config);
      Names first = new Names();
      core.scan(first);
      assertThat(first.names)
          .contains("cycle", "rfx.tile1", "dmb.pushed", "mode", "output.size", "LOAD_X.size")
          .contains("block.size", "vector.size", "constants", "dmb.reserved", "issue.lastTileX");
      assertThat(first.whole)
          .contains("dmpu0 a[0]", "dmpu1 b[7]", "dmpu1.pe[3][3] pLo", "dmpu1.dmb popped");
      while (!core.isFinished()) {
        core.advance(5);
        assertThat(core.cycle()).isLessThan(5000);
        Names names = new Names();
        core.scan(names);
        // A store that is not running has no place.
        first.names.addAll(names.names.stream().filter(n -> n.startsWith("store.")).toList());
        names.names.addAll(first.names.stream().filter(n -> n.startsWith("store.")).toList());
        assertThat(names.names).as("cycle %d", core.cycle()).isEqualTo(first.names);
      }
    }
  }

  private static byte[] all(TataaCore core, ExternalMemory.Space space) {
    return core.memory().read(space, 0, core.memory().size(space));
  }

  /** Gives one register another value than the one that was saved. */
  private static final class Damage implements ScanChain {
    private final ScanChain chain;
    private final int at;
    private final long value;
    private int seen;
    private boolean isOneOfMany;
    private String register = "none";

    Damage(ScanChain chain, int at, long value) {
      this.chain = chain;
      this.at = at;
      this.value = value;
    }

    /** PEs are all alike. */
    @Override
    public void unit(String name) {
      chain.unit(name);
      isOneOfMany = name.contains(".pe[") && !name.equals("dmpu0.pe[0][1]");
    }

    private boolean isIt(String name) {
      if (!isOneOfMany && seen++ == at) {
        register = name;
        return true;
      }
      return false;
    }

    @Override
    public int scan(String name, int old) {
      int restored = chain.scan(name, old);
      return isIt(name) ? (int) value : restored;
    }

    @Override
    public long scan(String name, long old) {
      long restored = chain.scan(name, old);
      return isIt(name) ? value : restored;
    }

    @Override
    public void scan(String name, int[] values, int from, int count) {
      chain.scan(name, values, from, count);
      if (isIt(name) && count > 0) {
        values[from] = (int) value;
      }
    }

    @Override
    public void scan(String name, byte[] values, int from, int count) {
      chain.scan(name, values, from, count);
    }

    @Override
    public void scan(String name, long[] values) {
      chain.scan(name, values);
      if (isIt(name) && values.length > 0) {
        values[0] = value;
      }
    }
  }

  /** A register that holds what it cannot hold is refused, or is as good as any other value. */
  @Test
  void aStateThatCannotBeIsRefused() {
    int refused = 0;
    for (TataaConfig config : machines()) {
      TataaCore core = loaded(config);
      while (core.cycle() < 150) {
        core.tick();
      }
      byte[] state = state(core);
      TataaCore target = loaded(config);
      for (long value : new long[] {-2, 1 << 20, Integer.MAX_VALUE}) {
        for (int at = 0; ; at++) {
          target.load(program(config));
          Damage damage = new Damage(new ScanIn(new ByteArrayInputStream(state)), at, value);
          try {
            target.scan(damage);
          } catch (ScanException | UncheckedIOException e) {
            // With a count that is larger there are too few bytes.
            refused++;
          } catch (RuntimeException e) {
            fail("%s: %s=%d: %s", config.name(), damage.register, value, e);
          }
          if (damage.register.equals("none")) {
            break;
          }
        }
      }
    }
    assertThat(refused).isGreaterThan(100);
  }
}
