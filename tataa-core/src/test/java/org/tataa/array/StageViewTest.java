package org.tataa.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Bank;
import org.tataa.isa.OperandSelect;
import org.tataa.isa.ProgramBuilder;
import org.tataa.memory.ExternalMemory;

/** A sum, seen in the registers of the four PEs it passes. */
class StageViewTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSumOnItsWay(boolean hasRegisters) {
    TataaConfig config = TataaConfig.tiny();
    TataaCore core =
        new TataaCore(config, hasRegisters ? new RegisterArray(config) : new FastArray(config));
    int vector = config.geometry().vectorBytes();
    ByteBuffer memory = ByteBuffer.allocate(2 * vector).order(ByteOrder.LITTLE_ENDIAN);
    for (int lane = 0; lane < vector / 2; lane++) {
      memory.putShort(2 * lane, (short) (0x3fc0 + lane)); // 1.5 and more
      memory.putShort(vector + 2 * lane, (short) 0xc0e0); // -7
    }
    core.memory().write(ExternalMemory.Space.YZ, 0, memory.array());
    core.load(
        new ProgramBuilder()
            .loadV(Bank.A, 0, 0, vector)
            .loadV(Bank.B, 0, vector, vector)
            .add(OperandSelect.A_B, 0, 0, 0, Bank.A, 1)
            .halt()
            .build());
    List<String> lines = new ArrayList<>();
    while (!core.isFinished()) {
      core.tick();
      for (int stage = 0; stage < 4; stage++) {
        String line = core.stage(0, 1, stage).toString();
        if (line.contains("#")) {
          lines.add(line);
        }
      }
    }
    assertThat(lines).containsExactlyElementsOf(EXPECTED.lines().toList());
  }

  // 193 / 128 and -224 / 128 * 2^2; the smaller mantissa is shifted by 2, and -719872 / 2^19 * 2^2
  // is rounded.
  private static final String EXPECTED =
      """
      S0 lane 1  L,R #2 ADD a=0x3fc1=1.5078125 b=0xc0e0=-7.0  M empty  P empty
      S0 lane 1  L,R empty  M #2 ADD manA=0c1(193) manB=120(-224) expA=7f expB=81  P empty
      S0 lane 1  L,R empty  M empty  P #2 ADD manA=0c1(193) manB=120(-224) exp=127 distance=-2
      S1 lane 1  L,R #2 ADD manA=0c1(193) manB=120(-224) exp=127 distance=-2  M empty  P empty
      S1 lane 1  L,R empty  M #2 ADD manA=0c1(193) manB=120(-224) exp=129 distance=-2  P empty
      S1 lane 1  L,R empty  M empty  P #2 ADD large=120(-224) small=0c1(193) exp=129 shift=2
      S2 lane 1  L,R #2 ADD large=120(-224) small=0c1(193) exp=129 shift=2  M empty  P empty
      S2 lane 1  L,R empty  M #2 ADD hi=f20000(-917504) lo=030400(197632) exp=129  P empty
      S2 lane 1  L,R empty  M empty  P #2 ADD value=f50400(-719872) exp=129
      S3 lane 1  L,R #2 ADD value=f50400(-719872) exp=129  M empty  P empty
      S3 lane 1  L,R empty  M #2 ADD sign=1 magnitude=0afc00(719872) exp=129  P empty
      S3 lane 1  L,R empty  M empty  P #2 ADD result=0xc0b0=-5.5
      """;
}
