package org.tataa.cli;

import picocli.CommandLine.IVersionProvider;

/** Version of the running jar. */
final class VersionProvider implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Main.class.getPackage().getImplementationVersion();
    return new String[] {"tataa " + (version == null ? "(development)" : version)};
  }
}
