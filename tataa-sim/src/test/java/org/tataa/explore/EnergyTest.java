package org.tataa.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tataa.compiler.ProgramBound;
import org.tataa.compiler.ProgramTraffic;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Assembler;
import org.tataa.isa.Bank;
import org.tataa.isa.OperandSelect;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;
import org.tataa.machine.CoreMachine;
import org.tataa.numeric.LaneOp;
import org.tataa.observe.Counters;
import org.tataa.observe.UnitKind;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.ScheduleStudy;

/** Activity, tables of energies, and the energy of a batch. */
class EnergyTest {
  private static final BigDecimal DIFFERENCE = new BigDecimal("0.7");

  private static BatchResult batch;

  @BeforeAll
  static void run() {
    ScheduleStudy.Job job = ScheduleStudy.jobs("deit-tiny-2").get(0).withBatch(9);
    batch = ScheduleStudy.measure(job, (done, of) -> {}).result();
  }

  @Test
  void aChangedRowMovesTheTotalByItsCount() {
    for (String name : EnergyTable.names()) {
      EnergyTable table = EnergyTable.of(name);
      BatchEnergy energy = BatchEnergy.of(batch, table);
      int counted = 0;
      for (EnergyEvent event : EnergyEvent.values()) {
        EnergyTable dearer = table.with(event, table.row(event).value().add(DIFFERENCE));
        BigDecimal moved =
            BatchEnergy.of(batch, dearer)
                .total()
                .estimate()
                .subtract(energy.total().estimate())
                .scaleByPowerOfTen(event.unit().equals("pJ") ? 12 : 3);
        BigDecimal count = energy.activity().count(event);
        assertThat(moved).as(event.key()).isEqualByComparingTo(count.multiply(DIFFERENCE));
        counted += count.signum();
      }
      // A memory is of one size: two of the three rows are used.
      assertThat(counted).isEqualTo(EnergyEvent.values().length - 1);
    }
  }

  @Test
  void countsAreThoseOfTheRun() {
    BatchEnergy energy = BatchEnergy.of(batch, EnergyTable.of(EnergyTable.ASIC));
    Counters counters = batch.counters();
    TataaConfig config = batch.config();
    assertCount(energy, EnergyEvent.INT8_MULTIPLY, counters.macs());
    assertThat(
            energy
                .activity()
                .count(EnergyEvent.BF16_ADD)
                .add(energy.activity().count(EnergyEvent.BF16_MULTIPLY)))
        .isEqualByComparingTo(BigDecimal.valueOf(counters.laneOperations()));
    assertCount(energy, EnergyEvent.INSTRUCTION, counters.instructions());
    long bytes = counters.bytesLoadedX() + counters.bytesLoadedY() + counters.bytesStored();
    assertCount(energy, EnergyEvent.DRAM, bytes / 8 + counters.instructions());
    assertCount(energy, EnergyEvent.MODE_SWITCH, 512 * counters.modeSwitches());
    long busy = 512 * counters.busy(UnitKind.EXEC);
    assertCount(energy, EnergyEvent.PE_BUSY_CYCLE, busy);
    assertCount(energy, EnergyEvent.PE_IDLE_CYCLE, 4096 * batch.deviceCycles() - busy);
    double seconds = (double) batch.deviceCycles() / config.clockHz();
    assertThat(energy.activity().count(EnergyEvent.STATIC_DEVICE).doubleValue())
        .isCloseTo(seconds, Percentage.withPercentage(1e-9));
    assertThat(energy.activity().count(EnergyEvent.STATIC_CORE).doubleValue())
        .isCloseTo(8 * seconds, Percentage.withPercentage(1e-9));
  }

  private static void assertCount(BatchEnergy energy, EnergyEvent event, long expected) {
    assertThat(expected).isPositive();
    assertThat(energy.activity().count(event))
        .as(event.key())
        .isEqualByComparingTo(BigDecimal.valueOf(expected));
  }

  @Test
  void unitsAndLayersAddUp() {
    EnergyTable table = EnergyTable.of(EnergyTable.FPGA);
    BatchEnergy energy = BatchEnergy.of(batch, table);
    Energy units = energy.units().values().stream().reduce(Energy.NONE, Energy::plus);
    assertThat(units).isEqualTo(energy.total());
    // Nine items on eight cores: seven cores have nothing to do while the last one runs.
    long itemCycles = batch.items().get(0).result().cycles();
    Energy idle = Activity.idle(batch.config(), 7 * itemCycles).energy(table);
    Energy layers = energy.layers().values().stream().reduce(idle, Energy::plus);
    assertThat(layers.joules()).isCloseTo(energy.total().joules(), Percentage.withPercentage(1e-9));
    assertThat(energy.layers()).hasSizeGreaterThan(2);
    assertThat(energy.total().lowJoules()).isLessThan(energy.total().joules() / 1.4);
    assertThat(energy.total().highJoules()).isGreaterThan(energy.total().joules() * 1.4);
    assertThat(energy.watts() * energy.seconds())
        .isCloseTo(energy.total().joules(), Percentage.withPercentage(1e-9));
    assertThat(energy.gopsPerWatt())
        .isCloseTo(
            2e-9 * batch.total().macs() / batch.seconds() / energy.watts(),
            Percentage.withPercentage(1e-9));
  }

  @Test
  void idleAndBusyRunsDifferAsTheCountersSay() {
    TataaConfig tiny = TataaConfig.tiny();
    Program program =
        Assembler.assemble(
            """
            LOAD.M X, tile=0, depth=2, addr=0x0, bytes=16
            LOAD.M Y, tile=0, depth=2, addr=0x100, bytes=16
            MATMUL x=0, y=0, depth=2, clear, drain
            STORE.M int8, words=8, addr=0x200, bytes=64
            LOAD.V A0, addr=0, bytes=16
            V.MUL A0, A0 -> B1
            V.ADD A0, B1 -> DMB
            STORE.V bf16, words=2, addr=0x300, bytes=16
            HALT
            """,
            "energy.s");
    CoreMachine.Cost cost = CoreMachine.simulated(tiny).run(List.of(program));
    ProgramTraffic traffic = ProgramBound.of(tiny, List.of(program)).traffic();
    // X: 16 bytes in, 2 words of 8 out. Y the same. Vectors of 16 bytes: 2 writes, 3 reads.
    assertThat(traffic).isEqualTo(new ProgramTraffic(32, 32, 80, 10, 10));
    EnergyTable table = EnergyTable.of(EnergyTable.ASIC);
    Activity busy = Activity.of(tiny, cost.counters(), traffic);
    Activity idle = Activity.idle(tiny, cost.cycles());
    BigDecimal expected = BigDecimal.ZERO;
    for (EnergyEvent event : EnergyEvent.values()) {
      BigDecimal more = busy.count(event).subtract(idle.count(event));
      expected =
          expected.add(
              table
                  .row(event)
                  .value()
                  .multiply(more)
                  .scaleByPowerOfTen(event.unit().equals("pJ") ? -12 : -3));
    }
    assertThat(busy.energy(table).estimate().subtract(idle.energy(table).estimate()))
        .isEqualByComparingTo(expected);
    assertThat(expected).isPositive();
    assertThat(busy.count(EnergyEvent.INT8_MULTIPLY).intValueExact()).isEqualTo(2 * 8 * 8);
    assertThat(busy.count(EnergyEvent.BF16_MULTIPLY).intValueExact()).isEqualTo(8);
    assertThat(busy.count(EnergyEvent.BF16_ADD).intValueExact()).isEqualTo(8);
    assertThat(busy.count(EnergyEvent.REQUANTISE).intValueExact()).isEqualTo(10 * 4);
    // 144 bytes of tiles and vectors, and 20 words of 4 columns of 48 bits.
    assertThat(busy.count(EnergyEvent.SRAM_8K).intValueExact()).isEqualTo(18 + 20 * 3);
    assertThat(idle.count(EnergyEvent.INSTRUCTION).signum()).isZero();
  }

  /** They write the register file, and nothing of them reaches the memory. */
  @Test
  void storesToSlotsAreNoMemoryTraffic() {
    TataaConfig tiny = TataaConfig.tiny().withResultPath(true);
    Program program =
        new ProgramBuilder()
            .matmul(0, 0, 2, true, true)
            .storeSlots(StoreMode.ACC_TO_BF16, Bank.A, 0, 8)
            .vectorToDmb(LaneOp.MUL, OperandSelect.A_A, 7, 0, 0)
            .storeSlots(StoreMode.BF16_TO_BF16, Bank.B, 0, 2)
            .halt()
            .build();
    CoreMachine.Cost cost = CoreMachine.simulated(tiny).run(List.of(program));
    ProgramBound bound = ProgramBound.of(tiny, List.of(program));
    // 8 words of 8 outputs and 2 of 4 lanes, 2 bytes each, go in; one vector of 16 bytes comes out.
    assertThat(bound.traffic()).isEqualTo(new ProgramTraffic(16, 16, 8 * 16 + 2 * 8 + 16, 10, 10));
    assertThat(bound.stored()).isZero();
    assertThat(bound.cycles(ProgramBound.Unit.OUTPUT)).isEqualTo(16 + 2);
    assertThat(cost.counters().busy(UnitKind.OUTPUT)).isEqualTo(16 + 2);
    Activity activity = Activity.of(tiny, cost.counters(), bound.traffic());
    // The instructions.
    assertThat(activity.count(EnergyEvent.DRAM).intValueExact()).isEqualTo(5);
    assertThat(activity.count(EnergyEvent.REQUANTISE).intValueExact()).isEqualTo(10 * 4);
  }

  @Test
  void tablesAreChecked() {
    for (String name : EnergyTable.names()) {
      EnergyTable table = EnergyTable.of(name);
      assertThat(table.name()).isEqualTo(name);
      assertThat(EnergyTable.parse(table.toJson())).isEqualTo(table);
      table.rows().values().forEach(row -> assertThat(row.source()).isNotBlank());
    }
    String text = EnergyTable.text(EnergyTable.ASIC);
    Map<String, String> mistakes =
        Map.of(
            text.replace("\"int8Add\"", "\"int9Add\""),
            "event `int9Add`",
            text.replace("\"int8Add\"", "\"int8Multiply\""),
            "two rows for int8Multiply",
            text.replace("0.03, \"unit\": \"pJ\"", "0.03, \"unit\": \"nJ\""),
            "int8Add has unit `nJ`",
            text.replace("0.03", "-0.03"),
            "row int8Add: value=-0.03, expected at least 0",
            text.replace("0.03", "\"0.03\""),
            "row int8Add: no number `value`",
            text.replace("\"uncertainty\": 4", "\"uncertainty\": 0.5"),
            "uncertainty=0.5",
            text.replaceFirst(" *\\{\"event\": \"dram\".*\\R", ""),
            "no row for dram",
            "{\"rows\": 7}",
            "no list `rows`",
            "{",
            "no JSON",
            "",
            "no list `rows`");
    mistakes.forEach(
        (json, message) ->
            assertThatThrownBy(() -> EnergyTable.parse(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message));
    assertThatThrownBy(() -> EnergyTable.of("asic"))
        .hasMessage("no energy table asic, expected one of [asic-45nm, fpga]");
  }

  @Test
  void resourcesAreClosedForms() {
    TataaConfig u280 = TataaConfig.u280();
    Resources resources = Resources.of(u280);
    assertThat(resources.dsps()).isEqualTo(4096);
    assertThat(resources.memoryBits())
        .isEqualTo(8L * (2 * 512 * 256 + 2 * 512 * 256 + 7 * 2 * 32 * 16 * 16));
    assertThat(resources.fifoBits()).isEqualTo(8L * (8 * 32 * 16 * 48 + 64 * 256));
    assertThat(resources.registerBits())
        .isEqualTo(8L * (512 * (8 + 27 + 96 + 96) + 8 * (496 + 240) + 128 + 8192));
    // A second sum for each PE; two slices for two exact sums; twice the cores.
    assertThat(Resources.of(u280.withOverlappedDrain(true)).registerBits())
        .isEqualTo(resources.registerBits() + 4096 * 48);
    assertThat(
            Resources.of(u280.withProfiles(u280.profiles().withAccumulator(AccumulatorKind.INT32)))
                .dsps())
        .isEqualTo(8192);
    Resources doubled = Resources.of(u280.withCores(16));
    assertThat(doubled.dsps()).isEqualTo(2 * resources.dsps());
    assertThat(doubled.fifoBits()).isEqualTo(2 * resources.fifoBits());
  }
}
