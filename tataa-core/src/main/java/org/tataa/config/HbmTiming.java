package org.tataa.config;

/**
 * Times of an HBM2 pseudo-channel in cycles of its 256-bit interface; a cycle moves one column of
 * {@value HbmConfig#COLUMN_BYTES} bytes. Sources are in docs/memory.md.
 *
 * @param readLatency column command to data at the port, switch included, 2..1024
 * @param rowToColumn tRCD: activate to the first column command of the row
 * @param precharge tRP: precharge to activate
 * @param rowActive tRAS: activate to precharge
 * @param activateInterval tRRD: activate to activate of another bank
 * @param fourActivates tFAW: in so many cycles there are four activates at most
 * @param sameGroupInterval tCCD_L: column to column command of one bank group; of two it is 1
 * @param readToPrecharge tRTP: read to precharge of its bank
 * @param writeRecovery tWR: write to precharge of its bank, data included
 * @param writeToRead tWTR: write to read, data included
 * @param readToWrite read to write
 * @param refreshInterval tREFI: refresh of all banks to the next
 * @param refreshCycles tRFC: refresh to activate
 */
public record HbmTiming(
    int readLatency,
    int rowToColumn,
    int precharge,
    int rowActive,
    int activateInterval,
    int fourActivates,
    int sameGroupInterval,
    int readToPrecharge,
    int writeRecovery,
    int writeToRead,
    int readToWrite,
    int refreshInterval,
    int refreshCycles) {

  /** The HBM2 of the Alveo U280 at 450 MHz, 1.8 Gb/s a pin. */
  public static final HbmTiming U280 =
      new HbmTiming(55, 7, 7, 15, 2, 11, 2, 4, 11, 7, 6, 1755, 117);

  /**
   * Checks the ranges.
   *
   * @param readLatency column command to data at the port, switch included, 2..1024
   * @param rowToColumn tRCD: activate to the first column command of the row
   * @param precharge tRP: precharge to activate
   * @param rowActive tRAS: activate to precharge
   * @param activateInterval tRRD: activate to activate of another bank
   * @param fourActivates tFAW: in so many cycles there are four activates at most
   * @param sameGroupInterval tCCD_L: column to column command of one bank group; of two it is 1
   * @param readToPrecharge tRTP: read to precharge of its bank
   * @param writeRecovery tWR: write to precharge of its bank, data included
   * @param writeToRead tWTR: write to read, data included
   * @param readToWrite read to write
   * @param refreshInterval tREFI: refresh of all banks to the next
   * @param refreshCycles tRFC: refresh to activate
   * @throws IllegalArgumentException naming the component that is out of range
   */
  public HbmTiming {
    Checks.range("readLatency", readLatency, 2, 1024);
    Checks.range("rowToColumn", rowToColumn, 1, 255);
    Checks.range("precharge", precharge, 1, 255);
    Checks.range("rowActive", rowActive, 1, 255);
    Checks.range("activateInterval", activateInterval, 1, 255);
    Checks.range("fourActivates", fourActivates, 1, 255);
    Checks.range("sameGroupInterval", sameGroupInterval, 1, 16);
    Checks.range("readToPrecharge", readToPrecharge, 1, 255);
    Checks.range("writeRecovery", writeRecovery, 1, 255);
    Checks.range("writeToRead", writeToRead, 1, 255);
    Checks.range("readToWrite", readToWrite, 1, 255);
    Checks.range("refreshCycles", refreshCycles, 1, 100_000);
    int quiet = refreshCycles + rowActive + writeRecovery + readToPrecharge + precharge;
    Checks.range("refreshInterval", refreshInterval, 2L * quiet, 10_000_000);
  }
}
