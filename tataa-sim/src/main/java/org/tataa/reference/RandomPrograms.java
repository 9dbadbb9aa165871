package org.tataa.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArithmeticProfile;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.HazardPolicy;
import org.tataa.config.IsaProfile;
import org.tataa.config.MemoryConfig;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.ConfigConst;
import org.tataa.isa.ConfigScale;
import org.tataa.isa.Instruction;
import org.tataa.isa.LoadM;
import org.tataa.isa.LoadV;
import org.tataa.isa.MatMul;
import org.tataa.isa.Nop;
import org.tataa.isa.Operand;
import org.tataa.isa.OperandSelect;
import org.tataa.isa.Store;
import org.tataa.isa.StoreMode;
import org.tataa.isa.StoreSlots;
import org.tataa.isa.VectorOp;
import org.tataa.numeric.LaneOp;

/**
 * Seeded random programs that are legal but careless: no spacing, every kind of hazard, loads and
 * stores of the same few addresses.
 */
public final class RandomPrograms {
  private enum Content {
    EMPTY,
    MATRIX,
    VECTOR
  }

  private final Random random;
  private final TataaConfig config;
  private final List<Instruction> program = new ArrayList<>();
  private final Content[][] content;
  private boolean sumsOverwritten;
  private int queued;

  private RandomPrograms(Random random, TataaConfig config) {
    this.random = random;
    this.config = config;
    content = new Content[2][config.buffers().vectorSlots()];
    Arrays.fill(content[0], Content.EMPTY);
    Arrays.fill(content[1], Content.EMPTY);
  }

  /**
   * A machine of random latencies, profiles and ports, with the base's vector loads, channels and
   * result path.
   */
  public static TataaConfig machine(Random random, TataaConfig base) {
    boolean released = base.geometry().outputsPerColumn() == 2 && random.nextInt(4) == 0;
    Profiles profiles =
        new Profiles(
            released ? ArithmeticProfile.RELEASED_RTL : ArithmeticProfile.CORRECTED,
            released ? AccumulatorKind.PACKED_INT16 : accumulator(random, base),
            IsaProfile.EXTENDED,
            HazardPolicy.STALL);
    int bytes = 1 << 16;
    MemoryConfig memory =
        random.nextBoolean() ? MemoryConfig.unified(bytes) : MemoryConfig.separate(bytes, bytes);
    memory =
        memory
            .withPortBytes(
                random.nextInt(4) == 0
                    ? Math.min(8, base.memory().portBytes())
                    : base.memory().portBytes())
            .withLatencyCycles(8 + random.nextInt(random.nextBoolean() ? 8 : 90))
            .withBeatInterval(1 + random.nextInt(3) / 2)
            .withQueueDepth(1 + random.nextInt(4))
            .withSharedYzPort(random.nextInt(4) == 0)
            .withVectorLoadBeats(base.memory().vectorLoadBeats());
    if (base.memory().hbm() != null) {
      memory = memory.withBeatInterval(1).withSharedYzPort(false).withHbm(base.memory().hbm());
    }
    return base.withCores(1)
        .withProfiles(profiles)
        .withMemory(memory)
        .withTiming(random.nextBoolean() ? base.timing() : timing(random, base.geometry()))
        .withPipelinedMode(random.nextInt(4) == 0)
        .withOverlappedDrain(random.nextInt(4) == 0);
  }

  // Any latencies the datapath can have; TimingConfig says which.
  private static TimingConfig timing(Random random, ArrayGeometry geometry) {
    int start = in(random, 1, 9);
    int read = in(random, 1, 5);
    int tail = geometry.skew() + read + 4 + in(random, 0, 5);
    int drain = in(random, 4, 9);
    int capture = in(random, TimingConfig.VECTOR_PIPELINE + 2, 33);
    int vectorRead = in(random, 1, capture - TimingConfig.VECTOR_PIPELINE - 1);
    int forward = capture + 1 - vectorRead;
    int storeRead = in(random, 1, 6);
    int loadCommand = in(random, 1, 5);
    int storeCommand = in(random, 1, 5);
    int loadDone = in(random, 1, 5);
    int busyClear = in(random, 1, 9);
    int clear = in(random, 1, read + TimingConfig.PE_PIPELINE);
    int blockToVector = in(random, 0, 40);
    int nextClears = busyClear + start + clear - 1;
    int nextOverwrites = blockToVector + vectorRead + TimingConfig.PE_PIPELINE;
    int drainWrite =
        tail + Math.min(in(random, 1, drain + 2), drain + Math.min(nextClears, nextOverwrites) - 4);
    return new TimingConfig(
        start,
        loadCommand,
        storeCommand,
        loadDone,
        busyClear,
        read,
        clear,
        tail,
        drain,
        drainWrite,
        in(random, 1, capture),
        vectorRead,
        capture,
        in(random, forward, capture + start),
        in(random, forward, capture + start),
        in(random, 1, 30),
        in(random, 1, 30),
        blockToVector,
        in(random, capture, 40),
        storeRead,
        in(random, storeRead - 1, 12),
        in(random, storeRead + 1, 20),
        in(random, storeRead + 1, 20),
        in(random, storeRead + 1, 20),
        in(random, storeRead + geometry.rows(), storeRead + geometry.rows() + 12),
        in(random, 1, 6));
  }

  private static int in(Random random, int first, int last) {
    return first + random.nextInt(last - first + 1);
  }

  private static AccumulatorKind accumulator(Random random, TataaConfig base) {
    AccumulatorKind[] kinds = AccumulatorKind.values();
    return base.geometry().outputsPerColumn() == 1
        ? AccumulatorKind.INT32
        : kinds[random.nextInt(kinds.length)];
  }

  /** A program of about that many instructions. */
  public static List<Instruction> generate(Random random, TataaConfig config, int length) {
    RandomPrograms generator = new RandomPrograms(random, config);
    while (generator.program.size() < length) {
      generator.step();
    }
    while (generator.queued > 0) {
      generator.store();
    }
    return generator.program;
  }

  private void step() {
    switch (random.nextInt(13)) {
      case 0 -> loadX();
      case 1 -> loadY();
      case 2, 3 -> loadV();
      case 4, 5 -> matmul();
      case 6, 7, 8 -> vector();
      case 9 -> store();
      case 10 -> program.add(new ConfigScale(random.nextInt(65536) - 32768, random.nextInt(32)));
      case 11 -> program.add(new ConfigConst(random.nextInt(8), random.nextInt(65536)));
      default -> {
        for (int i = random.nextInt(20); i >= 0; i--) {
          program.add(new Nop());
        }
      }
    }
  }

  private int depth() {
    int most = config.buffers().tileDepth();
    return 1 + random.nextInt(random.nextInt(3) == 0 ? most : Math.min(most, 12));
  }

  // Few places, so that ranges overlap often.
  private long address(int bytes) {
    int beat = config.memory().portBytes();
    long limit = (1L << 16) - bytes;
    long place = random.nextInt(6) * 1024L + (long) random.nextInt(40) * beat;
    return Math.min(place, limit) / beat * beat;
  }

  private void loadX() {
    int depth = depth();
    int bytes = depth * config.geometry().rows();
    program.add(new LoadM(Operand.X, random.nextInt(2), depth, address(bytes), bytes));
  }

  private void loadY() {
    int depth = depth();
    int tile = random.nextInt(2);
    int bytes = depth * config.geometry().outputs();
    program.add(new LoadM(Operand.Y, tile, depth, address(bytes), bytes));
    for (int slot = 0; slot < Math.min(depth, content[0].length); slot++) {
      content[tile][slot] = Content.MATRIX;
    }
  }

  private void loadV() {
    int bank = random.nextInt(2);
    int slot = random.nextInt(content[0].length);
    int most = config.memory().vectorsPerLoad(config.geometry().vectorBytes());
    int count = most == 1 ? 1 : 1 + random.nextInt(Math.min(most, content[0].length - slot));
    int bytes = count * config.geometry().vectorBytes();
    program.add(new LoadV(Bank.values()[bank], slot, address(bytes), bytes));
    Arrays.fill(content[bank], slot, slot + count, Content.VECTOR);
  }

  private void matmul() {
    int tile = random.nextInt(2);
    int most = config.buffers().tileDepth();
    for (int slot = content[tile].length - 1; slot >= 0; slot--) {
      if (content[tile][slot] == Content.VECTOR) {
        most = slot;
      }
    }
    if (most == 0) {
      return;
    }
    boolean clear = sumsOverwritten || random.nextBoolean();
    boolean drain = queued + 4 <= config.buffers().dmbDepth() && random.nextInt(3) > 0;
    program.add(
        new MatMul(
            random.nextInt(2), tile, 1 + random.nextInt(Math.min(most, depth())), clear, drain));
    sumsOverwritten = false;
    queued += drain ? 4 : 0;
  }

  private int readable(int bank) {
    for (int attempt = 0; attempt < 8; attempt++) {
      int slot = random.nextInt(content[bank].length);
      if (content[bank][slot] != Content.MATRIX) {
        return slot;
      }
    }
    return -1;
  }

  private void vector() {
    LaneOp op = LaneOp.values()[random.nextInt(LaneOp.values().length)];
    int burst = 1 + random.nextInt(4);
    for (int i = 0; i < burst; i++) {
      int a = readable(0);
      int b = readable(1);
      boolean toDmb = queued < config.buffers().dmbDepth() && random.nextInt(3) == 0;
      if (a < 0 || b < 0) {
        return;
      }
      Bank bank = Bank.values()[random.nextInt(2)];
      int slot = random.nextInt(content[0].length);
      OperandSelect[] selects = OperandSelect.values();
      program.add(
          new VectorOp(
              op,
              selects[random.nextInt(selects.length)],
              a,
              b,
              random.nextInt(8),
              !toDmb,
              bank,
              slot));
      sumsOverwritten = true;
      if (toDmb) {
        queued++;
      } else {
        content[bank.ordinal()][slot] = Content.VECTOR;
      }
    }
  }

  private void store() {
    if (queued == 0) {
      return;
    }
    int dmpus = config.geometry().dmpus();
    int rows = config.geometry().rows();
    int each = 1 + random.nextInt(queued);
    if (config.resultPath() && random.nextInt(3) > 0 && storeSlots(each)) {
      queued -= each;
      return;
    }
    StoreMode mode = StoreMode.values()[random.nextInt(4)];
    int words = each * dmpus;
    boolean transpose =
        config.canTranspose() && mode.toInt8() && words % rows == 0 && random.nextBoolean();
    int word = mode.wordBytes(config.geometry());
    program.add(new Store(mode, transpose, words, address(words * word), words * word));
    queued -= each;
  }

  private boolean storeSlots(int each) {
    StoreMode mode = random.nextBoolean() ? StoreMode.ACC_TO_BF16 : StoreMode.BF16_TO_BF16;
    int words = each * config.geometry().dmpus();
    int bytes = words * mode.wordBytes(config.geometry());
    int slots = bytes / config.geometry().vectorBytes();
    if (slots > content[0].length) {
      return false;
    }
    int bank = random.nextInt(2);
    int slot = random.nextInt(content[bank].length - slots + 1);
    program.add(new StoreSlots(mode, Bank.values()[bank], slot, words));
    Arrays.fill(content[bank], slot, slot + slots, Content.VECTOR);
    return true;
  }
}
