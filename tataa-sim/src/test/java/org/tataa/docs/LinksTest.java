package org.tataa.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.commonmark.node.Link;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No link within the repository is broken, in Markdown and on the site. */
class LinksTest {
  @TempDir Path folder;

  @Test
  void linksLeadToFilesAndHeadings() throws IOException {
    Map<Path, MarkdownFile> files = new HashMap<>();
    for (MarkdownFile file : MarkdownFile.all()) {
      files.put(file.path(), file);
    }
    assertThat(files).hasSizeGreaterThan(30);
    List<String> broken = new ArrayList<>();
    int seen = 0;
    for (MarkdownFile file : files.values()) {
      for (Link link : file.links()) {
        String destination = link.getDestination();
        if (MarkdownFile.isExternal(destination)) {
          continue;
        }
        seen++;
        Path target = file.target(destination);
        String anchor = MarkdownFile.anchorOf(destination);
        MarkdownFile page = files.get(target);
        if (!Files.exists(MarkdownFile.TOP.resolve(target))
            || !anchor.isEmpty() && (page == null || !page.hasAnchor(anchor))) {
          broken.add(file.path() + " -> " + destination);
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(seen).isGreaterThan(100);
  }

  @Test
  void everyChapterIsReachedFromTheOneBefore() throws IOException {
    MarkdownFile index = MarkdownFile.read(Path.of("docs", "course", "README.md"));
    List<Path> listed =
        index.links().stream()
            .map(link -> index.target(link.getDestination()))
            .filter(path -> path.startsWith("docs/course"))
            .toList();
    List<Path> chapters =
        CourseTest.chapters().stream()
            .map(path -> MarkdownFile.TOP.relativize(path.toAbsolutePath().normalize()))
            .filter(path -> !path.endsWith("README.md"))
            .toList();
    assertThat(listed).isEqualTo(chapters);
    for (int i = 0; i + 1 < chapters.size(); i++) {
      MarkdownFile chapter = MarkdownFile.read(chapters.get(i));
      List<Link> links = chapter.links();
      assertThat(chapter.target(links.get(links.size() - 1).getDestination()))
          .isEqualTo(chapters.get(i + 1));
    }
  }

  @Test
  void theSiteIsWhole() throws IOException {
    Site.write(folder);
    assertThat(SiteLinks.broken(folder)).isEmpty();
    assertThat(SiteLinks.pages(folder)).hasSizeGreaterThan(60);
    for (Path page : SiteLinks.pages(folder)) {
      String html = Files.readString(page);
      assertThat(html)
          .as(page.toString())
          .startsWith("<!doctype html>")
          .contains("<html lang=\"en\">", "name=\"viewport\"", "<main", "<h1", "id=\"search\"");
      // Nothing is fetched from anywhere.
      assertThat(html).doesNotContainPattern("(src|href)=\"(https?:)?//[^\"]*\\.(js|css)");
    }
    String index = Files.readString(folder.resolve("search-index.js"));
    assertThat(index).contains("SoftMax", "docs/course/03-the-machine.html#");
  }

  @Test
  void brokenLinksAreFound() throws IOException {
    Files.writeString(
        folder.resolve("a.html"),
        "<a href=\"b.html\">b</a><a href=\"a.html#x\">x</a><a href=\"#y\">y</a><h1 id=\"y\">y</h1>");
    assertThat(SiteLinks.broken(folder)).containsExactly("a.html -> b.html", "a.html -> a.html#x");
  }
}
