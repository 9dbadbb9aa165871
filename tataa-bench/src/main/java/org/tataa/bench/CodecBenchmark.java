package org.tataa.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Assembler;
import org.tataa.isa.Disassembler;
import org.tataa.isa.Instruction;
import org.tataa.isa.InstructionCodec;
import org.tataa.isa.Program;
import org.tataa.reference.RandomPrograms;

/** How long do encoding, decoding, assembling and disassembling take per instruction? */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CodecBenchmark {
  private static final int INSTRUCTIONS = 4096;

  private final Instruction[] instructions = new Instruction[INSTRUCTIONS];
  private final long[] words = new long[INSTRUCTIONS];
  private Program program = Program.ofWords(new long[0]);
  private String text = "";

  /** Seeded random instructions of all kinds. */
  @Setup
  public void setup() {
    TataaConfig config = TataaConfig.u280();
    RandomPrograms.generate(new Random(1), config, INSTRUCTIONS)
        .subList(0, INSTRUCTIONS)
        .toArray(instructions);
    for (int i = 0; i < INSTRUCTIONS; i++) {
      words[i] = InstructionCodec.encode(instructions[i]);
    }
    program = Program.ofWords(words);
    text = Disassembler.disassemble(program);
  }

  /** Encodes. */
  @Benchmark
  @OperationsPerInvocation(INSTRUCTIONS)
  public long encode() {
    long sum = 0;
    for (Instruction instruction : instructions) {
      sum += InstructionCodec.encode(instruction);
    }
    return sum;
  }

  /** Decodes. */
  @Benchmark
  @OperationsPerInvocation(INSTRUCTIONS)
  public void decode(Blackhole result) {
    for (long word : words) {
      result.consume(InstructionCodec.decode(word));
    }
  }

  /** Assembles text. */
  @Benchmark
  @OperationsPerInvocation(INSTRUCTIONS)
  public Program assemble() {
    return Assembler.assemble(text, "benchmark.s");
  }

  /** Disassembles to text. */
  @Benchmark
  @OperationsPerInvocation(INSTRUCTIONS)
  public String disassemble() {
    return Disassembler.disassemble(program);
  }
}
