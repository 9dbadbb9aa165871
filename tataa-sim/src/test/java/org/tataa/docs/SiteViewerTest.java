package org.tataa.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.cli.Chromium;

/** Headless Chromium reads the site as on a phone. */
@Tag("viewers")
class SiteViewerTest {
  /** Pixels across a phone. */
  private static final int PHONE = 390;

  @TempDir Path folder;
  @TempDir Path profile;

  @BeforeEach
  void write() throws IOException {
    Site.write(folder);
  }

  /** No page is wider than the screen, and none has an error to report. */
  @Test
  void everyPageFitsAPhone() throws IOException, InterruptedException {
    List<Path> pages = SiteLinks.pages(folder);
    String urls =
        pages.stream()
            .map(page -> "\"/" + folder.relativize(page) + "\"")
            .collect(Collectors.joining(","));
    // Each page in a frame as wide as a phone; what is wider than it is named.
    Files.writeString(
        folder.resolve("check.html"),
        """
        <!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>check</title>
        <iframe id="phone" style="width:%dpx;height:844px;border:0"></iframe><pre id="result"></pre>
        <script>
        const pages = [%s], wide = [], frame = document.getElementById("phone");
        (async () => {
          let seen = 0;
          for (const page of pages) {
            await new Promise((done) => { frame.onload = done; frame.src = page; });
            const inside = frame.contentDocument;
            if (inside.querySelector("main") && frame.contentWindow.innerWidth === %d) seen++;
            if (inside.documentElement.scrollWidth > %d) {
              wide.push(page + " " + inside.documentElement.scrollWidth);
            }
          }
          document.getElementById("result").textContent = "seen " + seen + " wide " + wide.join(",") + ".";
        })();
        </script>
        """
            .formatted(PHONE, urls, PHONE, PHONE));
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          Path file = folder.resolve(exchange.getRequestURI().getPath().substring(1));
          byte[] content = Files.readAllBytes(file);
          String name = file.toString();
          exchange
              .getResponseHeaders()
              .set(
                  "Content-Type",
                  name.endsWith(".css")
                      ? "text/css"
                      : name.endsWith(".js") ? "text/javascript" : "text/html; charset=utf-8");
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content);
          exchange.close();
        });
    server.start();
    try {
      String address = "http://127.0.0.1:" + server.getAddress().getPort();
      String shown = browse(address + "/check.html");
      assertThat(shown).contains("seen " + pages.size() + " wide .");
    } finally {
      server.stop(0);
    }
  }

  /** The search finds sections, from a folder that nobody serves. */
  @Test
  void searchNeedsNoServer() throws IOException, InterruptedException {
    String start = folder.resolve("index.html").toUri().toString();
    String shown = browse(start + "?q=roofline%20bound");
    assertThat(shown)
        .contains("data-ready=\"true\"")
        .contains("href=\"docs/course/08-reading-a-report.html#the-roofline\"");
    assertThat(browse(start + "?q=xyzzyplugh")).contains("Nothing found");
  }

  private String browse(String url) throws IOException, InterruptedException {
    return Chromium.show(profile, url, "--virtual-time-budget=60000", "--dump-dom");
  }
}
