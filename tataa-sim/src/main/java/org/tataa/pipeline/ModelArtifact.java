package org.tataa.pipeline;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.tataa.onnx.ModelFormatException;

/**
 * A Maven artifact that carries a pre-trained model as resources. It is looked for on the class
 * path, then in a jar that is named, then in the local Maven repository; nothing is downloaded.
 *
 * @param group its group
 * @param name its name
 * @param version its version
 */
public record ModelArtifact(String group, String name, String version) {
  /** The system property Maven itself reads for the directory of its local repository. */
  private static final String REPOSITORY = "maven.repo.local";

  /** Coordinates as a build file has them. */
  public String coordinates() {
    return group + ":" + name + ":" + version;
  }

  /** Where the artifact is in the local Maven repository, whether or not it is there. */
  public Path installed() {
    String directory = System.getProperty(REPOSITORY);
    Path repository =
        directory == null
            ? Path.of(System.getProperty("user.home", ""), ".m2", "repository")
            : Path.of(directory);
    return repository
        .resolve(group.replace('.', '/'))
        .resolve(name)
        .resolve(version)
        .resolve(name + "-" + version + ".jar");
  }

  /**
   * A resource of the artifact.
   *
   * @param resource its path within the artifact, without a leading slash
   * @param jar where the artifact is; null to look for it
   * @throws ModelFormatException if a jar cannot be read or lacks the resource
   * @throws MissingArtifactException if the artifact is nowhere
   */
  public InputStream open(String resource, @Nullable Path jar) {
    if (jar != null) {
      return read(jar, resource);
    }
    InputStream found = ModelArtifact.class.getResourceAsStream("/" + resource);
    if (found != null) {
      return found;
    }
    Path installed = installed();
    if (Files.isRegularFile(installed)) {
      return read(installed, resource);
    }
    throw MissingArtifactException.of(this);
  }

  private static InputStream read(Path jar, String resource) {
    try (ZipFile file = new ZipFile(jar.toFile())) {
      ZipEntry entry = file.getEntry(resource);
      if (entry == null) {
        throw new ModelFormatException(jar + ": has no " + resource);
      }
      try (InputStream stream = file.getInputStream(entry)) {
        return new ByteArrayInputStream(stream.readAllBytes());
      }
    } catch (IOException e) {
      throw new ModelFormatException(jar + ": cannot be read: " + e.getMessage());
    }
  }
}
