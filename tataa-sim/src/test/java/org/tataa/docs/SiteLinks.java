package org.tataa.docs;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Links of HTML files to each other. */
final class SiteLinks {
  private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]*)\"");

  private SiteLinks() {}

  static List<Path> pages(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".html")).sorted().toList();
    }
  }

  /** Links that lead nowhere, as page and link. */
  static List<String> broken(Path folder) throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path page : pages(folder)) {
      Matcher links = LINK.matcher(Files.readString(page));
      while (links.find()) {
        String link = links.group(1).replace("&amp;", "&");
        if (!MarkdownFile.isExternal(link) && !leadsSomewhere(page, link)) {
          broken.add(folder.relativize(page) + " -> " + link);
        }
      }
    }
    return broken;
  }

  private static boolean leadsSomewhere(Path page, String link) throws IOException {
    URI target = page.toUri().resolve(link);
    Path file = target.getPath() == null ? page : Path.of(target.getPath());
    if (!Files.isRegularFile(file)) {
      return false;
    }
    String anchor = target.getFragment();
    return anchor == null || Files.readString(file).contains("id=\"" + anchor + "\"");
  }
}
