package org.tataa.config;

/**
 * The cycle contract (timing.md): every latency of the control path and of the two datapaths, in
 * clock cycles. K is the depth of a MATMUL, w the words of a STORE.
 *
 * @param startLatency instruction accept to exec_start or store_start
 * @param loadCommandLatency LOAD accept to command at the data mover
 * @param storeCommandLatency STORE accept to command at the data mover
 * @param loadDoneLatency last beat of a load to its done pulse
 * @param busyClearLatency done pulse to the first cycle in which a waiting instruction is accepted
 * @param operandReadLatency exec_start to the first operand read of a MATMUL
 * @param clearLatency exec_start to the partial sums showing zero
 * @param matmulTail exec_done of a MATMUL without drain is exec_start + K + this
 * @param drainCycles extra cycles of exec_done with drain
 * @param drainWriteOffset first DMB write of a drain is exec_start + K + this
 * @param vectorDoneLatency exec_start of a vector operation to its exec_done
 * @param vectorReadLatency exec_start to the operand read from the register file
 * @param vectorCaptureLatency exec_start to the result at the register-file or DMB write port
 * @param multiplyResultLatency exec_start of a multiply-type producer to that of its consumer
 * @param addResultLatency exec_start of an add-type producer to that of its consumer
 * @param multiplyToAddSwitch last multiply-type exec_start to the first add-type exec_start
 * @param addToMultiplySwitch last add-type exec_start to the first multiply-type exec_start
 * @param blockToVectorSwitch exec_done of a MATMUL to the first vector exec_start
 * @param vectorToBlockSwitch last vector exec_start to the exec_start of a MATMUL
 * @param storeReadLatency store_start to the first FIFO read
 * @param storeDoneLatency store_done is store_start + w + this
 * @param bf16StoreLatency store_start to the first output beat, bf16 to bf16
 * @param int8StoreLatency store_start to the first output beat, acc to int8 and bf16 to int8
 * @param accToBf16StoreLatency store_start to the first output beat, acc to bf16 (2 beats a word)
 * @param transposeStoreLatency store_start to the first output beat of a transposed store
 * @param outputLatency output FIFO to memory
 */
public record TimingConfig(
    int startLatency,
    int loadCommandLatency,
    int storeCommandLatency,
    int loadDoneLatency,
    int busyClearLatency,
    int operandReadLatency,
    int clearLatency,
    int matmulTail,
    int drainCycles,
    int drainWriteOffset,
    int vectorDoneLatency,
    int vectorReadLatency,
    int vectorCaptureLatency,
    int multiplyResultLatency,
    int addResultLatency,
    int multiplyToAddSwitch,
    int addToMultiplySwitch,
    int blockToVectorSwitch,
    int vectorToBlockSwitch,
    int storeReadLatency,
    int storeDoneLatency,
    int bf16StoreLatency,
    int int8StoreLatency,
    int accToBf16StoreLatency,
    int transposeStoreLatency,
    int outputLatency) {

  /** PE registers an operand passes before it is in the sum: operand, product, sum. */
  public static final int PE_PIPELINE = 3;

  /** Registers of the four stages of a bfloat16 unit, one cycle each. */
  public static final int VECTOR_PIPELINE = ArrayGeometry.ROWS_PER_DMPU * PE_PIPELINE;

  /** Slots of the vector pipeline; bounds {@link #vectorCaptureLatency}. */
  public static final int MAX_VECTOR_LATENCY = 63;

  /**
   * Checks ranges and the orders the datapath relies on.
   *
   * @param startLatency instruction accept to exec_start or store_start
   * @param loadCommandLatency LOAD accept to command at the data mover
   * @param storeCommandLatency STORE accept to command at the data mover
   * @param loadDoneLatency last beat of a load to its done pulse
   * @param busyClearLatency done pulse to the first cycle in which a waiting instruction is
   *     accepted
   * @param operandReadLatency exec_start to the first operand read of a MATMUL
   * @param clearLatency exec_start to the partial sums showing zero
   * @param matmulTail exec_done of a MATMUL without drain is exec_start + K + this
   * @param drainCycles extra cycles of exec_done with drain
   * @param drainWriteOffset first DMB write of a drain is exec_start + K + this
   * @param vectorDoneLatency exec_start of a vector operation to its exec_done
   * @param vectorReadLatency exec_start to the operand read from the register file
   * @param vectorCaptureLatency exec_start to the result at the register-file or DMB write port
   * @param multiplyResultLatency exec_start of a multiply-type producer to that of its consumer
   * @param addResultLatency exec_start of an add-type producer to that of its consumer
   * @param multiplyToAddSwitch last multiply-type exec_start to the first add-type exec_start
   * @param addToMultiplySwitch last add-type exec_start to the first multiply-type exec_start
   * @param blockToVectorSwitch exec_done of a MATMUL to the first vector exec_start
   * @param vectorToBlockSwitch last vector exec_start to the exec_start of a MATMUL
   * @param storeReadLatency store_start to the first FIFO read
   * @param storeDoneLatency store_done is store_start + w + this
   * @param bf16StoreLatency store_start to the first output beat, bf16 to bf16
   * @param int8StoreLatency store_start to the first output beat, acc to int8 and bf16 to int8
   * @param accToBf16StoreLatency store_start to the first output beat, acc to bf16 (2 beats a word)
   * @param transposeStoreLatency store_start to the first output beat of a transposed store
   * @param outputLatency output FIFO to memory
   * @throws IllegalArgumentException naming the component that is out of range
   */
  public TimingConfig {
    Checks.range("startLatency", startLatency, 1, 64);
    Checks.range("loadCommandLatency", loadCommandLatency, 1, 64);
    Checks.range("storeCommandLatency", storeCommandLatency, 1, 64);
    Checks.range("loadDoneLatency", loadDoneLatency, 1, 64);
    Checks.range("busyClearLatency", busyClearLatency, 1, 64);
    Checks.range("operandReadLatency", operandReadLatency, 1, 64);
    Checks.range("clearLatency", clearLatency, 1, operandReadLatency + PE_PIPELINE);
    Checks.range("matmulTail", matmulTail, 1, 4096);
    Checks.range("drainCycles", drainCycles, ArrayGeometry.ROWS_PER_DMPU, 64);
    // The last row, row 0, is written before the next MATMUL can clear the sums, and before a
    // vector
    // operation can reach P of row 0.
    int overwritten =
        matmulTail + drainCycles + blockToVectorSwitch + vectorReadLatency + PE_PIPELINE;
    int clearOfNext = matmulTail + drainCycles + busyClearLatency + startLatency + clearLatency - 1;
    Checks.range(
        "drainWriteOffset",
        drainWriteOffset,
        matmulTail + 1,
        Math.min(clearOfNext, overwritten) - ArrayGeometry.ROWS_PER_DMPU);
    Checks.range(
        "vectorCaptureLatency", vectorCaptureLatency, VECTOR_PIPELINE + 2, MAX_VECTOR_LATENCY);
    Checks.range(
        "vectorReadLatency", vectorReadLatency, 1, vectorCaptureLatency - VECTOR_PIPELINE - 1);
    Checks.range("vectorDoneLatency", vectorDoneLatency, 1, vectorCaptureLatency);
    int forward = vectorCaptureLatency + 1 - vectorReadLatency;
    int longest = vectorCaptureLatency + startLatency;
    Checks.range("multiplyResultLatency", multiplyResultLatency, forward, longest);
    Checks.range("addResultLatency", addResultLatency, forward, longest);
    Checks.range("multiplyToAddSwitch", multiplyToAddSwitch, 1, 255);
    Checks.range("addToMultiplySwitch", addToMultiplySwitch, 1, 255);
    Checks.range("blockToVectorSwitch", blockToVectorSwitch, 0, 255);
    Checks.range("vectorToBlockSwitch", vectorToBlockSwitch, vectorCaptureLatency, 255);
    Checks.range("storeReadLatency", storeReadLatency, 1, 64);
    Checks.range("storeDoneLatency", storeDoneLatency, storeReadLatency - 1, 64);
    Checks.range("bf16StoreLatency", bf16StoreLatency, storeReadLatency + 1, 255);
    Checks.range("int8StoreLatency", int8StoreLatency, storeReadLatency + 1, 255);
    Checks.range("accToBf16StoreLatency", accToBf16StoreLatency, storeReadLatency + 1, 255);
    Checks.range("transposeStoreLatency", transposeStoreLatency, storeReadLatency + 1, 4096);
    Checks.range("outputLatency", outputLatency, 1, 64);
  }

  /**
   * {@return the released controller around an array of the given shape} For 32 rows and 16 columns
   * these are exactly the figures of timing.md; other shapes change only the skew.
   *
   * @param geometry shape of the array
   */
  public static TimingConfig released(ArrayGeometry geometry) {
    int tail = geometry.skew() + 6;
    return new TimingConfig(
        4,
        2,
        1,
        2,
        4,
        2,
        3,
        tail,
        4,
        tail + 5,
        1,
        3,
        17,
        15,
        17,
        11,
        14,
        0,
        17,
        3,
        2,
        7,
        9,
        11,
        9 + geometry.rows(),
        4);
  }

  /**
   * {@return first cycle, relative to exec_start, in which the PE (0,0) sees operands at its
   * inputs}
   */
  public int arrayInputLatency() {
    return operandReadLatency + 1;
  }
}
