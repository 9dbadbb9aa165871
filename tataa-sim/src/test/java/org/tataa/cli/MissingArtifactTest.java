package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.pipeline.MissingArtifactException;

/** Without an optional library everything else works, and what needs it names it. */
class MissingArtifactTest {
  private static final String CLI =
      "picocli|jline|progressbar|tokenizers|djl|slf4j|gson|uplot|jna|snakeyaml|commons-|langchain4j";

  @TempDir Path directory;

  private record Result(int code, String out, String err) {}

  /** The class path of the tests less the jars whose names match. */
  private static URLClassLoader without(String jars) throws MalformedURLException {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Pattern pattern = Pattern.compile(jars);
    List<URL> urls = new ArrayList<>();
    int left = 0;
    for (String entry : path.split(File.pathSeparator)) {
      if (entry.endsWith(".jar") && pattern.matcher(new File(entry).getName()).find()) {
        left++;
      } else {
        urls.add(new File(entry).toURI().toURL());
      }
    }
    assertThat(left).isPositive();
    return new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
  }

  private static Result tataa(ClassLoader loader, String... args)
      throws ReflectiveOperationException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Method run =
        loader
            .loadClass(Main.class.getName())
            .getMethod("run", PrintWriter.class, PrintWriter.class, String[].class);
    int code = (int) run.invoke(null, new PrintWriter(out, true), new PrintWriter(err, true), args);
    return new Result(code, out.toString(), err.toString());
  }

  private static void assertMissing(Result result, String artifact) {
    assertThat(result.err())
        .contains("needs the Maven artifact " + artifact)
        .doesNotContain("\tat ");
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.out()).isEmpty();
  }

  @Test
  void theCommandLine() throws Exception {
    try (URLClassLoader loader = without("picocli")) {
      assertMissing(tataa(loader, "--help"), "info.picocli:picocli");
    }
  }

  @Test
  void tokenizers() throws Exception {
    String text = Files.writeString(directory.resolve("tokenizer.json"), "{}").toString();
    try (URLClassLoader loader = without("tokenizers|djl|api-0")) {
      Class<?> tokenizer = loader.loadClass("org.tataa.pipeline.TextTokenizer");
      Method read = tokenizer.getMethod("read", Path.class, int.class);
      Throwable thrown = catchThrowable(() -> read.invoke(null, Path.of(text), 8));
      assertThat(thrown).isInstanceOf(InvocationTargetException.class);
      assertThat(thrown.getCause())
          .hasMessage(
              "text as input of a model needs the Maven artifact ai.djl.huggingface:tokenizers,"
                  + " which is not on the class path");
    }
  }

  @Test
  void sweeps() throws Exception {
    String sweep = Files.writeString(directory.resolve("sweep.yaml"), "models: []\n").toString();
    try (URLClassLoader loader = without("snakeyaml")) {
      String out = directory.resolve("out.csv").toString();
      assertMissing(tataa(loader, "sweep", sweep, "-o", out), "org.yaml:snakeyaml");
    }
  }

  @Test
  void charts() throws Exception {
    try (URLClassLoader loader = without("uplot")) {
      Method page =
          loader.loadClass("org.tataa.cli.HtmlReport").getDeclaredMethod("page", Map.class);
      page.setAccessible(true);
      Throwable thrown = catchThrowable(() -> page.invoke(null, Map.of()));
      assertThat(thrown.getCause()).hasMessageContaining("org.webjars.npm:uplot");
    }
  }

  @Test
  void theDebuggersTerminal() throws Exception {
    try (URLClassLoader loader = without("jline")) {
      String halt = Files.writeString(directory.resolve("halt.s"), "HALT\n").toString();
      String quit = Files.writeString(directory.resolve("quit"), "quit\n").toString();
      assertThat(tataa(loader, "debug", halt, "--preset", "tiny", "-x", quit).code()).isZero();
      Class<?> terminal = loader.loadClass("org.tataa.cli.DebugTerminal");
      Throwable error = catchThrowable(terminal::getDeclaredMethods);
      assertThat(error).isInstanceOf(NoClassDefFoundError.class);
      assertThat(MissingArtifactException.of((NoClassDefFoundError) error))
          .hasMessageContaining("org.jline:jline-reader");
    }
  }

  @Test
  void progress() throws Exception {
    try (URLClassLoader loader = without("progressbar")) {
      Class<?> type = loader.loadClass("org.tataa.cli.Progress");
      var constructor = type.getDeclaredConstructor(PrintWriter.class, String.class);
      constructor.setAccessible(true);
      Method bar = type.getDeclaredMethod("bar", String.class);
      bar.setAccessible(true);
      StringWriter err = new StringWriter();
      Object other = constructor.newInstance(new PrintWriter(err, true), "work");
      assertThat(bar.invoke(other, "work")).isNull();
      assertThat(err.toString()).contains("no progress is shown", "me.tongfei:progressbar");
    }
  }

  /** What a program that embeds the library gets from it. */
  @Test
  void theFacadeNeedsNoneOfThem() throws Exception {
    try (URLClassLoader loader = without(CLI)) {
      Class<?> matrix = loader.loadClass("org.tataa.Int8Matrix");
      Object a = matrix.getMethod("filled", int.class, int.class, int.class).invoke(null, 4, 4, 2);
      Object device = loader.loadClass("org.tataa.Device").getMethod("tiny").invoke(null);
      Object product = device.getClass().getMethod("multiply", matrix, matrix).invoke(device, a, a);
      assertThat(product.toString()).startsWith("product[4,4] after ");
    }
  }
}
