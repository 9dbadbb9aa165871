package org.tataa.debug;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.OperandSelect;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;
import org.tataa.memory.ExternalMemory;
import org.tataa.sim.Simulator;

/** The debugger's commands, forward and back, and waveforms that equal the state. */
class DebugShellTest {
  private static final TataaConfig TINY = TataaConfig.tiny().withCores(1);

  private static Simulator start(Program program) {
    Simulator simulator = Simulator.builder(TINY).program(program).build();
    ExternalMemory memory = simulator.memory(0);
    byte[] bytes = new byte[0x800];
    new Random(5).nextBytes(bytes);
    for (int i = 0x400; i < 0x600; i += 2) {
      bytes[i + 1] = (byte) (0x3f + (bytes[i + 1] & 1));
    }
    memory.write(ExternalMemory.Space.X, 0, bytes);
    memory.write(ExternalMemory.Space.YZ, 0, bytes);
    return simulator;
  }

  // A product, then vector operations of both types: two mode switches and more.
  private static Program program() {
    int wordX = TINY.geometry().rows();
    int wordY = TINY.geometry().outputs();
    int vector = TINY.geometry().vectorBytes();
    return new ProgramBuilder()
        .loadMX(0, 8, 0, 8 * wordX)
        .loadMY(0, 8, 0x100, 8 * wordY)
        .matmul(0, 0, 8, true, true)
        .configScale(1, 4)
        .store(StoreMode.ACC_TO_INT8, false, wordX, 0x600, wordX * wordY)
        .loadV(Bank.A, 0, 0x400, vector)
        .loadV(Bank.B, 0, 0x500, vector)
        .mul(OperandSelect.A_B, 0, 0, 0, Bank.A, 1)
        .add(OperandSelect.A_B, 0, 0, 0, Bank.B, 1)
        .mul(OperandSelect.A_B, 1, 1, 0, Bank.A, 2)
        .halt()
        .build();
  }

  private static String run(String... lines) {
    StringWriter text = new StringWriter();
    Timeline timeline = new Timeline(start(program()));
    DebugShell shell = new DebugShell(timeline, new Signals(TINY), new PrintWriter(text, true));
    for (String line : lines) {
      shell.execute(line);
    }
    return text.toString();
  }

  private static String tail(String text, String from) {
    return text.substring(text.lastIndexOf(from));
  }

  @Test
  void backAcrossAModeSwitchGivesTheSameState() {
    long end = end();
    String first = run("until mode == ADD", "back 3", "state");
    assertThat(first).contains("mode ADD", "mode MULTIPLY");
    String cycle = tail(first, "cycle = ").split("\n")[0].split(" = ")[1];
    String forward = run("goto " + cycle, "state");
    assertThat(tail(first, "cycle = ")).isEqualTo(tail(forward, "cycle = "));
    String round = run("step 5", "run", "goto " + cycle, "step 3", "back 3", "state");
    assertThat(tail(round, "cycle = ")).isEqualTo(tail(forward, "cycle = "));
    assertThat(run("run")).contains("cycle " + end).contains("finished");
  }

  private static long end() {
    Simulator simulator = start(program());
    simulator.run();
    return simulator.cycle();
  }

  @Test
  void conditionsPrintsAndErrors() {
    assertThat(run("until pe[0][0].p != 0", "print pe[0][0].p", "p dmpu0.pe[0][0].pLo"))
        .containsPattern("pe\\[0]\\[0]\\.p = 0x[0-9a-f]{12} -?\\d+");
    assertThat(run("until stall != none && pc >= 1")).contains("stalled");
    assertThat(run("until pc == 77")).contains("the program ended before pc == 77");
    assertThat(run("watch mode", "step")).contains("  mode = INT8");
    assertThat(run("list 2")).contains("-> 0: ");
    assertThat(run("next 2")).contains("  2: ");
    assertThat(run("list 99", "instruction 4", "list 0")).contains("-> 4: ");
    assertThat(run("units")).contains("dmb[0]");
    assertThat(run("until stall == EXEC")).contains("EXEC_BUSY");
    assertThat(run("until stall == o")).contains("`o` is the beginning of several of");
    assertThat(run("until pc == 999 || cycle == 7", "print cycle")).contains("cycle = 7");
    assertThat(run("print registers")).contains("error: no register `registers`");
    assertThat(run("help")).contains("until COND");
    assertThat(run("print yz[0x1]", "print yz[1]", "print rfx[0][0][0]"))
        .contains("yz[1] = ", "rfx[0][0][0] = ");
    assertThat(run("print pe[0][0]")).contains("dmpu0.pe[0][0].l = ");
    assertThat(run("fly")).contains("error: no command `fly`");
    assertThat(run("step -1")).contains("error: `-1` is no count");
    assertThat(run("print nothing")).contains("error: no register `nothing`");
    assertThat(run("until mode == FAST")).contains("error: `FAST` is none of [INT8");
    assertThat(run("until mode")).contains("is no comparison");
    assertThat(run("print rfx[9][0][0]")).contains("error: rfx[9][0][0]: tile 9");
    assertThat(run("print yz[999999999]")).contains("outside the memory");
  }

  @Test
  void regions() {
    String end = "goto " + end();
    assertThat(run(end, "print pe[0..1][2..3].p"))
        .containsPattern(
            "pe\\[0]\\[2\\.\\.3]\\.p =( -?\\d+){2}\\Rpe\\[1]\\[2\\.\\.3]\\.p =( -?\\d+){2}");
    Simulator simulator = start(program());
    byte[] bytes = simulator.memory(0).read(ExternalMemory.Space.YZ, 0x1f, 17);
    StringBuilder line = new StringBuilder("yz[0x1f..0x2e] =");
    for (int i = 0; i < 16; i++) {
      line.append(' ').append(bytes[i]);
    }
    assertThat(run("print yz[0x1f..0x2f]"))
        .contains(line + System.lineSeparator() + "yz[0x2f..0x2f] = " + bytes[16]);
    int wordY = TINY.geometry().outputs();
    assertThat(run("instruction 5", "print rfy[0][1][0..1]"))
        .contains(
            "rfy[0][1][0..1] = "
                + simulator.memory(0).read(ExternalMemory.Space.YZ, 0x100 + wordY, 1)[0]);
    int high = simulator.memory(0).read(ExternalMemory.Space.YZ, 0x401, 1)[0];
    assertThat(run("print yz16[0x400]")).contains("yz16[0x400] = 0x" + Integer.toHexString(high));
    assertThat(run(end, "until dmpu0.b[1][0] > -1e30 && cycle > 5")).doesNotContain("error");
    assertThat(run("watch pe[0..1][0].p", "step", "unwatch", "step").split("pe\\[0", -1))
        .hasSize(3);
    assertThat(run("print pe[0][9].p")).contains("error: pe[0][9].p: column 9, expected below 4");
    assertThat(run("print pe[8][0].p")).contains("row 8, expected below 8");
    assertThat(run("print dmpu1.pe[4][0].p")).contains("row 4, expected below 4");
    assertThat(run("print pe[7][3].p", "print dmpu1.pe[3][3].p").replace("dmpu1.pe[3]", "pe[7]"))
        .matches("(pe\\[7]\\[3]\\.p = 0x0{12} 0\\R){2}");
    assertThat(run("print dmpu0.a[1][4]")).contains("column 4, expected below 4");
    assertThat(run("print pe[3..1][0].p")).contains("range 3..1 is empty");
    assertThat(run("print rfx[0]")).contains("expected rfx[tile][word][row]");
    assertThat(run("print yz[0..99999]")).contains("too many values");
    assertThat(run("print yz[99999999999]")).contains("index 99999999999 is too large");
    assertThat(run("unwatch mode")).contains("`mode` is not watched");
    assertThat(run("watch")).contains("watch what?");
  }

  @Test
  void accessesRegistersAndStages() {
    String store = run("access yz[0x600]");
    assertThat(store).contains("yz[0x600]: 4: STORE.M");
    assertThat(run("access x[0x8]")).contains("x[0x8]: 0: LOAD.M X");
    assertThat(run("access yz[0x7ff]")).contains("ended before an access to yz[0x7ff]");
    assertThat(run("access yz[99999999]")).contains("error: yz[99999999]: outside the memory");
    assertThat(run("access 5")).contains("`5` is no address");
    assertThat(run("instruction 99")).contains("error: instruction 99, expected one of 0..");
    assertThat(run("until mode == ADD", "step 6", "stages 0 1"))
        .contains("S0 lane 1  L,R empty  M empty  P #8 ADD manA=");
    assertThat(run("stages 0")).contains("stages of which column?");
    assertThat(run("stages 9 0")).contains("DMPU 9, expected below 2");
    assertThat(run("step 2", "registers LOAD_X"))
        .contains("LOAD_X.size = 1", "LOAD_X.command[0].index = 0");
    assertThat(run("print dmpu1.dmb.popped")).contains("dmpu1.dmb.popped = 0");
    assertThat(run("goto " + end(), "registers dmpu1.pe[2][3]"))
        .contains("dmpu1.pe[2][3].pLo = ", "dmpu1.pe[2][3].shadowHi = 0");
    assertThat(run("until dmpu0.a[0][1] != 0", "registers dmpu0.a[0]"))
        .containsPattern("dmpu0\\.a\\[0]\\[1] = -?\\d+");
    assertThat(run("registers").split("\\R")).hasSizeGreaterThan(60);
    assertThat(run("registers nothing")).contains("error: no register matches `nothing`");
  }

  @Test
  void everyCommandIsKnownAndExplained() {
    String help = run("help");
    for (String command : DebugShell.COMMANDS) {
      assertThat(run(command)).doesNotContain("no command");
      assertThat(help).contains(command);
    }
  }

  @Test
  void aMoveIsStopped() {
    Timeline timeline = new Timeline(start(program()));
    boolean isMet =
        timeline.runUntil(
            core -> {
              if (core.cycle() == 31) {
                timeline.stop();
              }
              return false;
            },
            Long.MAX_VALUE);
    assertThat(isMet).isFalse();
    assertThat(timeline.cycle()).isEqualTo(31);
    timeline.step(4);
    assertThat(timeline.cycle()).isEqualTo(35);
  }

  // The file is read back by a reader of its own and compared with a second run, cycle by cycle.
  @Test
  void waveformsEqualTheState() {
    List<Signal> signals = new Signals(TINY).all();
    StringBuilder file = new StringBuilder();
    VcdWriter writer = new VcdWriter(file, "core0", signals);
    Simulator simulator = start(program());
    writer.sample(simulator.core(0));
    while (!simulator.isFinished()) {
      simulator.step();
      writer.sample(simulator.core(0));
    }
    writer.finish(simulator.cycle());

    VcdCheck.check(file.toString(), signals, start(program()));
  }
}
