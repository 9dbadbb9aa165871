/** One core of the TATAA accelerator, clocked cycle by cycle. */
module org.tataa.core {
  requires static org.jspecify;
  requires jdk.management;

  exports org.tataa.array;
  exports org.tataa.clock;
  exports org.tataa.config;
  exports org.tataa.control;
  exports org.tataa.core;
  exports org.tataa.isa;
  exports org.tataa.memory;
  exports org.tataa.numeric;
  exports org.tataa.observe;
  exports org.tataa.simd;
  exports org.tataa.state;
}
