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
    assertThat(run("until pe[0][0].p != 0", "print pe[0][0].p", "p dmpu0.pe[0][0].sumLo"))
        .containsPattern("pe\\[0]\\[0]\\.p = 0x[0-9a-f]{12} -?\\d+");
    assertThat(run("until stall != none && pc >= 1")).contains("stalled");
    assertThat(run("until pc == 77")).contains("the program ended before pc == 77");
    assertThat(run("watch mode", "step")).contains("  mode = INT8");
    assertThat(run("list 2")).contains("-> 0: ");
    assertThat(run("next 2")).contains("  2: ");
    assertThat(run("units")).contains("dmb[0]");
    assertThat(run("help")).contains("until COND");
    assertThat(run("print yz[0x1]", "print yz[1]", "print rfx[0][0][0]"))
        .contains("yz[1] = ", "rfx[0][0][0] = ");
    assertThat(run("print pe[0][0]")).contains("dmpu0.pe[0][0].activation = ");
    assertThat(run("fly")).contains("error: no command `fly`");
    assertThat(run("step -1")).contains("error: `-1` is no count");
    assertThat(run("print nothing")).contains("error: no register matches `nothing`");
    assertThat(run("until mode == FAST")).contains("error: `FAST` is none of [INT8");
    assertThat(run("until mode")).contains("is no comparison");
    assertThat(run("print rfx[9][0][0]")).contains("error: rfx[9][0][0]: index 9");
    assertThat(run("print yz[999999999]")).contains("outside the memory");
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
