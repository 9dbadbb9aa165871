package org.tataa.array;

import org.jspecify.annotations.Nullable;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.ColumnStages;
import org.tataa.numeric.LaneOp;
import org.tataa.state.ScanChain;

/**
 * One transformable processing element: a multiply-accumulate cell of a systolic array in int8
 * mode, a stage of a floating-point pipeline in bfloat16 mode, with the same registers
 * (architecture.md, PE).
 *
 * <pre>
 *        from above                 int8: R of the PE above.  bf16: P of the PE above.
 *            |
 *  left -> [ L | R ] -> [ M ] -> [ P ] -> [shadow]
 *            |                     |
 *        L to the right,       drained, or (bf16) to the PE below
 *        R to the PE below
 * </pre>
 *
 * <p>What the registers hold. Row r of a DMPU is stage Sr; a is the first operand of the lane, b
 * the second (arithmetic.md, int8 products and the four-stage column):
 *
 * <pre>
 *         int8          S0 exponents     S1 select         S2 multiply, shift   S3 normalise
 *  L      activation    a                mantissa a        larger mantissa      0
 *  R.hi   high operand  0                0                 0                    0
 *  R.lo   low operand   b                mantissa b        smaller mantissa     product or sum
 *  M.hi   L * R.hi      mantissa a       mantissa a        0 or larger aligned  sign
 *  M.lo   L * R.lo      mantissa b       mantissa b        L * R.lo, or shifted magnitude
 *  P.hi   += M.hi       mantissa a       larger mantissa   0                    0
 *  P.lo   += M.lo       mantissa b       smaller mantissa  M.hi + M.lo          result, packed
 * </pre>
 *
 * <p>Beside L and R, M, and P runs the exponent path of bfloat16: {@code exponent}, {@code
 * distance} of the exponents, from S1 on the amount of the shift, and {@code bypass}, the result
 * and a bit above it if the operands have decided it. In int8 mode all of it is 0.
 *
 * <p><b>Three registers, three cycles</b>, in either mode: an operand at the inputs is in L or R
 * after one clock, in M after two, in P after three (timing.md, PE). In int8 mode that is a product
 * in its sum; in bfloat16 mode one stage, and four of them make 12 of the 17 cycles from exec_start
 * to capture.
 *
 * <p><b>A partial sum does not outlive a change of mode.</b> It stays in P, to be drained, until
 * the first bfloat16 operation reaches this PE's P; what that one leaves behind is zero. A MATMUL
 * that would accumulate onto lost sums is an error.
 *
 * <p><b>Where the cycles of a switch come from</b> (timing.md). The mode is broadcast to all rows,
 * so it must hold until an operation is through the registers that need it. The measured distances
 * are the cycles from exec_start to M of S2, where a product is formed (11), and to M of S3, where
 * a sum is made a sign and a magnitude (14). Here the issue rules keep them, and the type goes
 * along with the operation. From int8 to bfloat16 none are lost: the four rows are drained within 4
 * cycles of exec_done, the last one first, and the first operation needs 6 to reach P of row 0.
 * Back, the array must be empty: 17.
 *
 * <p>The clock has two phases. All PEs read, from their neighbours' registers into the {@code in}
 * fields; then all write their registers, from last to first, so that each still sees its
 * predecessor's old value. So the order of PEs within a phase does not matter. To watch one PE, set
 * a breakpoint in {@link #writeInt8} or {@link #writeBf16} with a condition as {@code dmpu == 1 &&
 * row == 2 && column == 3}.
 */
public final class ProcessingElement {
  /** Registers from the inputs to P: L and R, M, P. */
  public static final int REGISTERS = 3;

  /** Which DMPU. */
  final int dmpu;

  /** Row in the DMPU, 0..3; also the bfloat16 stage. */
  final int row;

  /** Column in the DMPU. */
  final int column;

  private final String path;
  private final ColumnStages stages;

  /** L: activation moving right, or the first value of the stage. */
  int l;

  /** R, high operand moving down. */
  int rHi;

  /** R, low operand moving down, or the second value of the stage. */
  int rLo;

  int rExponent;
  int rDistance;
  int rBypass;

  /** M, high product. */
  int mHi;

  /** M, low product. */
  int mLo;

  int mExponent;
  int mDistance;
  int mBypass;

  /** P, the exact high sum. */
  long pHi;

  /** P, the exact low sum. */
  long pLo;

  int pExponent;
  int pDistance;
  int pBypass;

  /** Shadow of the high sum, with double-buffered sums. */
  long shadowHi;

  /** Shadow of the low sum. */
  long shadowLo;

  // What was read in the first phase and is written into L and R in the second.
  private int inL;
  private int inHi;
  private int inLo;
  private int inExponent;
  private int inDistance;
  private int inBypass;

  ProcessingElement(int dmpu, int row, int column, ColumnStages stages) {
    this.dmpu = dmpu;
    this.row = row;
    this.column = column;
    this.stages = stages;
    path = path(dmpu, row, column);
  }

  /** The name of a PE: {@code dmpu1.pe[2][3]}. */
  static String path(int dmpu, int row, int column) {
    return "dmpu" + dmpu + ".pe[" + row + "][" + column + "]";
  }

  /** Its name. */
  String path() {
    return path;
  }

  /** First phase, int8: what stands at the inputs. */
  void readInt8(int activation, int hi, int lo) {
    inL = activation;
    inHi = hi;
    inLo = lo;
  }

  /** Second phase, int8: multiply and accumulate. */
  void writeInt8() {
    pHi += mHi;
    pLo += mLo;
    mHi = l * rHi;
    mLo = l * rLo;
    l = inL;
    rHi = inHi;
    rLo = inLo;
  }

  /** First phase, bfloat16, S0: the operands of the lane, as patterns. */
  void readOperands(int a, int b) {
    read(a, b, 0, 0, 0);
  }

  /** First phase, bfloat16, S1 to S3: P of the stage before. */
  void readStage(ProcessingElement above) {
    read((int) above.pHi, (int) above.pLo, above.pExponent, above.pDistance, above.pBypass);
  }

  /** First phase, bfloat16: no operation enters this stage. */
  void readNothing() {
    read(0, 0, 0, 0, 0);
  }

  private void read(int first, int second, int exponent, int distance, int bypass) {
    inL = first;
    inLo = second;
    inExponent = exponent;
    inDistance = distance;
    inBypass = bypass;
  }

  /**
   * Second phase, bfloat16.
   *
   * @param inR the operation in L and R, which goes into M, or null
   * @param inM the operation in M, which goes into P, or null
   * @param leavesP whether an operation leaves P; a partial sum stays
   */
  void writeBf16(@Nullable LaneOp inR, @Nullable LaneOp inM, boolean leavesP) {
    if (inM != null) {
      writeP(inM);
    } else if (leavesP) {
      clear();
    }
    if (inR != null) {
      writeM(inR);
    } else {
      setM(0, 0, 0, 0, 0);
    }
    setR(inL, inLo, inExponent, inDistance, inBypass);
  }

  private void writeM(LaneOp op) {
    switch (row) {
      case 0 ->
          setM(
              stages.mantissa(l),
              stages.mantissa(rLo),
              Bfloat16.exponent(l),
              Bfloat16.exponent(rLo),
              stages.bypass(op, l, rLo));
      case 1 -> setM(l, rLo, stages.resultExponent(op, rExponent, rDistance), rDistance, rBypass);
      case 2 ->
          setM(stages.aligned(op, l), stages.product(op, l, rLo, rDistance), rExponent, 0, rBypass);
      default -> setM(rLo < 0 ? 1 : 0, Math.abs(rLo), rExponent, 0, rBypass);
    }
  }

  private void writeP(LaneOp op) {
    switch (row) {
      case 0 ->
          setP(
              mHi,
              mLo,
              stages.exponent(op, mExponent, mDistance),
              stages.distance(op, mExponent, mDistance),
              mBypass);
      case 1 -> {
        boolean swap = stages.shiftsFirst(op, mDistance);
        setP(swap ? mLo : mHi, swap ? mHi : mLo, mExponent, Math.abs(mDistance), mBypass);
      }
      case 2 -> setP(0, mHi + mLo, mExponent, 0, mBypass);
      default -> setP(0, stages.pack(op, mBypass, mHi != 0, mLo, mExponent), 0, 0, 0);
    }
  }

  /** Sets L and R as bfloat16 has them. */
  void setR(int first, int second, int exponent, int distance, int bypass) {
    l = first;
    rHi = 0;
    rLo = second;
    rExponent = exponent;
    rDistance = distance;
    rBypass = bypass;
  }

  /** Sets M. */
  void setM(int hi, int lo, int exponent, int distance, int bypass) {
    mHi = hi;
    mLo = lo;
    mExponent = exponent;
    mDistance = distance;
    mBypass = bypass;
  }

  /** Sets P as bfloat16 has it. */
  void setP(int hi, int lo, int exponent, int distance, int bypass) {
    pHi = hi;
    pLo = lo;
    pExponent = exponent;
    pDistance = distance;
    pBypass = bypass;
  }

  /** P to zero: a MATMUL begins, or the sum is lost. */
  void clear() {
    setP(0, 0, 0, 0, 0);
  }

  /** Hands the sum to the shadow register. */
  void capture() {
    shadowHi = pHi;
    shadowLo = pLo;
  }

  /** All registers to zero, as reset does. */
  void reset() {
    readNothing();
    setR(0, 0, 0, 0, 0);
    setM(0, 0, 0, 0, 0);
    setP(0, 0, 0, 0, 0);
    capture();
  }

  /** Passes a chain over the registers. */
  void scan(ScanChain chain) {
    chain.unit(path);
    l = chain.scan("l", l);
    rHi = chain.scan("rHi", rHi);
    rLo = chain.scan("rLo", rLo);
    mHi = chain.scan("mHi", mHi);
    mLo = chain.scan("mLo", mLo);
    pHi = chain.scan("pHi", pHi);
    pLo = chain.scan("pLo", pLo);
    shadowHi = chain.scan("shadowHi", shadowHi);
    shadowLo = chain.scan("shadowLo", shadowLo);
    rExponent = chain.scan("rExponent", rExponent);
    rDistance = chain.scan("rDistance", rDistance);
    rBypass = chain.scan("rBypass", rBypass);
    mExponent = chain.scan("mExponent", mExponent);
    mDistance = chain.scan("mDistance", mDistance);
    mBypass = chain.scan("mBypass", mBypass);
    pExponent = chain.scan("pExponent", pExponent);
    pDistance = chain.scan("pDistance", pDistance);
    pBypass = chain.scan("pBypass", pBypass);
  }

  /** The registers as they are now. */
  PeView view() {
    return new PeView(
        dmpu, row, column, l, rHi, rLo, mHi, mLo, pHi, pLo, shadowHi, shadowLo, rExponent,
        rDistance, rBypass, mExponent, mDistance, mBypass, pExponent, pDistance, pBypass);
  }

  @Override
  public String toString() {
    return view().toString();
  }
}
