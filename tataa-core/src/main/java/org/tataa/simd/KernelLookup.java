package org.tataa.simd;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the implementation for the running JVM. */
final class KernelLookup {
  static final String MODULE = "jdk.incubator.vector";
  private static final String IMPLEMENTATION = "org.tataa.simd.vector.VectorKernels";
  private static final System.Logger LOGGER = System.getLogger("org.tataa.simd");

  private KernelLookup() {}

  /** Holds what was found: loaded when somebody asks, once, and not with HostKernels itself. */
  private static final class Best {
    static final Choice CHOICE = Choice.of(System.getProperty(HostKernels.PROPERTY, "auto"));

    private Best() {}
  }

  /** Kernels, or why there are none: a class that fails to load tells its reason only once. */
  private record Choice(@Nullable HostKernels kernels, String refusal) {
    static Choice of(String wish) {
      try {
        return new Choice(choose(wish), "");
      } catch (IllegalStateException e) {
        return new Choice(null, String.valueOf(e.getMessage()));
      }
    }
  }

  /** What the system property asks for, looked up once. */
  static HostKernels best() {
    HostKernels kernels = Best.CHOICE.kernels();
    if (kernels == null) {
      throw new IllegalStateException(Best.CHOICE.refusal());
    }
    return kernels;
  }

  /** The implementation a value of the system property asks for. */
  static HostKernels choose(String wish) {
    return switch (wish.toLowerCase(Locale.ROOT)) {
      case "scalar" -> chosen(HostKernels.scalar(), "as asked for");
      case "vector" -> {
        if (!available()) {
          throw new IllegalStateException(
              HostKernels.PROPERTY + "=vector needs the JVM option --add-modules " + MODULE);
        }
        yield chosen(vector(), "as asked for");
      }
      case "auto" ->
          available()
              ? chosen(
                  new WarmingKernels(HostKernels.scalar(), vector()).start(),
                  "the module " + MODULE + " is there; once they are compiled")
              : chosen(
                  HostKernels.scalar(),
                  "the JVM option --add-modules " + MODULE + " gives faster ones");
      default ->
          throw new IllegalStateException(
              HostKernels.PROPERTY + "=" + wish + " is none of auto, scalar, vector");
    };
  }

  /** Whether the running JVM has resolved the incubator module. */
  static boolean available() {
    return ModuleLayer.boot().findModule(MODULE).isPresent();
  }

  private static HostKernels chosen(HostKernels kernels, String why) {
    LOGGER.log(
        System.Logger.Level.DEBUG,
        () -> "host kernels: " + kernels.description() + " (" + why + ")");
    return kernels;
  }

  // By name, so that no class of the sub-package is loaded without the module it needs.
  private static HostKernels vector() {
    Module self = KernelLookup.class.getModule();
    ModuleLayer.boot().findModule(MODULE).ifPresent(self::addReads);
    try {
      return Class.forName(IMPLEMENTATION)
          .asSubclass(HostKernels.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new IllegalStateException("cannot load " + IMPLEMENTATION + ": " + e, e);
    }
  }
}
