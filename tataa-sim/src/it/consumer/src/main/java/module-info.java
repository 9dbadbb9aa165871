/** A program that embeds the library, on the module path. */
module consumer {
  requires org.tataa.sim;
  requires org.tataa.core;
  // org.tataa.sim is an automatic module, because EJML has no module name: Java does not look for
  // what it needs among the modules that have a descriptor.
  requires com.fasterxml.jackson.databind;
}
