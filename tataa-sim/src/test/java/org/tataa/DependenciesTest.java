package org.tataa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Every jar this module is built and tested with has the bytes it had when it was chosen: {@code
 * dependencies.sha256} has a line for each, in the format of {@code sha256sum}. A changed
 * dependency is a changed line.
 */
class DependenciesTest {
  private static Map<String, String> pinned() throws IOException {
    try (InputStream stream = DependenciesTest.class.getResourceAsStream("/dependencies.sha256")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("  "))
          .collect(Collectors.toMap(parts -> parts[1], parts -> parts[0]));
    }
  }

  private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (DigestInputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  @Test
  void everyJarIsTheOneThatWasChosen() throws IOException, NoSuchAlgorithmException {
    String classPath = System.getProperty("surefire.test.class.path");
    assumeTrue(classPath != null, "only the build says what it tests with");
    Map<String, String> pinned = pinned();
    List<String> different = new ArrayList<>();
    int seen = 0;
    for (String entry : classPath.split(File.pathSeparator)) {
      Path file = Path.of(entry);
      String name = String.valueOf(file.getFileName());
      // Jars of this project are what is tested.
      if (!Files.isRegularFile(file) || name.startsWith("tataa-")) {
        continue;
      }
      seen++;
      String found = sha256(file);
      if (!found.equals(pinned.get(name))) {
        different.add(found + "  " + name);
      }
    }
    assertThat(different).as("lines that dependencies.sha256 does not have").isEmpty();
    assertThat(seen).isGreaterThan(30);
  }
}
