package org.tataa.array;

import org.tataa.numeric.LaneOp;

/**
 * What one pipeline stage of one bfloat16 lane holds.
 *
 * @param stage 0..3, the PE row of the DMPU that computes it
 * @param lane lane in the core
 * @param instruction index of the instruction it belongs to, or -1 if the stage is empty
 * @param op what the lane computes
 * @param registers the registers by name, in hex and value
 */
public record StageView(int stage, int lane, int instruction, LaneOp op, String registers) {
  /** One line in the form a waveform viewer would show. */
  @Override
  public String toString() {
    return instruction < 0
        ? "S" + stage + " lane " + lane + " empty"
        : "S" + stage + " lane " + lane + " #" + instruction + " " + op + " " + registers;
  }
}
