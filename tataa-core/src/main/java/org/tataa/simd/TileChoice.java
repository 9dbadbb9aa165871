package org.tataa.simd;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** How large a tile of a block product may be in the running JVM; looked up when first asked. */
public final class TileChoice {
  private static final boolean IS_WIDE = hasWideRegisterFile();
  private static final ProductTile BEST = IS_WIDE ? new WideTile() : new NarrowTile();

  private TileChoice() {}

  /** Whether tiles can have 32 vector registers, and fused multiply-adds; else 16. */
  public static boolean isWide() {
    return IS_WIDE;
  }

  static ProductTile best() {
    return BEST;
  }

  // 64-bit ARM has 32 vector registers and a fused multiply-add, x86 from AVX-512 on; whether the
  // JVM uses them only its options tell.
  private static boolean hasWideRegisterFile() {
    if (System.getProperty("os.arch", "").equals("aarch64")) {
      return true;
    }
    try {
      HotSpotDiagnosticMXBean jvm =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return jvm != null
          && Integer.parseInt(jvm.getVMOption("UseAVX").getValue()) >= 3
          && Boolean.parseBoolean(jvm.getVMOption("UseFMA").getValue());
    } catch (IllegalArgumentException e) {
      // Another processor or another JVM: it has no such option.
      return false;
    }
  }
}
