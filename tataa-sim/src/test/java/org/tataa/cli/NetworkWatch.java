package org.tataa.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Runs commands and prints which hosts were asked for and which native libraries were loaded. */
final class NetworkWatch {
  private static final List<String> ASKED = new CopyOnWriteArrayList<>();

  private NetworkWatch() {}

  /** Told of every connection by URL before it is tried. */
  private static final class Selector extends ProxySelector {
    @Override
    public List<Proxy> select(URI uri) {
      ASKED.add(String.valueOf(uri));
      return List.of(
          new Proxy(Proxy.Type.HTTP, new InetSocketAddress(InetAddress.getLoopbackAddress(), 9)));
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    ProxySelector.setDefault(new Selector());
    run("run", "deit-tiny-2", "--no-compare");
    System.out.println("without text: " + ASKED + ", " + libraries());
    run("run", "all-MiniLM-L6-v2", "--no-compare");
    // The library asks on a thread of its own.
    Thread.sleep(500);
    System.out.println("with text: " + ASKED + ", " + libraries());
    try {
      URI.create("http://127.0.0.2/").toURL().openConnection().getInputStream().close();
    } catch (IOException e) {
      System.out.println("control: " + ASKED);
    }
  }

  private static void run(String... arguments) {
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err, true), arguments);
    if (code != 0) {
      throw new IllegalStateException(err.toString());
    }
  }

  // Of the process, without those of Java and of the system.
  private static List<String> libraries() throws IOException {
    String home = Path.of(System.getProperty("java.home")).toRealPath().toString();
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines
          .filter(line -> line.contains(".so"))
          .map(line -> line.substring(line.indexOf('/')))
          .filter(path -> !path.startsWith(home) && !path.matches("/(usr/)?lib(64)?/.*"))
          .map(path -> path.replaceAll(".*/", "").replaceAll("[-.].*", ""))
          .distinct()
          .toList();
    }
  }
}
