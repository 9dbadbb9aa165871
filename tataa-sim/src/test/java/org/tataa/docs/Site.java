package org.tataa.docs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.Heading;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * Makes a static site of the repository's Markdown: {@code mvn -Psite}. A page for every Markdown
 * file, for every other file one of them links to, and for folders; a search that needs no server.
 */
public final class Site {
  private static final String STYLE = "site.css";
  private static final String SCRIPT = "site.js";
  private static final String INDEX = "search-index.js";

  private static final List<String> GROUPS = List.of("Course", "Guides", "Decisions", "Project");

  /** What is on a page, in its navigation. */
  private record Page(String url, String title) {}

  private final Path folder;
  private final Map<Path, MarkdownFile> files = new LinkedHashMap<>();
  private final Map<Path, String> sources = new TreeMap<>();
  private final Map<String, List<Page>> navigation = new LinkedHashMap<>();
  private final List<String> sections = new ArrayList<>();

  private Site(Path folder) throws IOException {
    this.folder = folder;
    for (String group : GROUPS) {
      navigation.put(group, new ArrayList<>());
    }
    for (MarkdownFile file : MarkdownFile.all()) {
      files.put(file.path(), file);
      navigation.get(group(file.path())).add(new Page(url(file.path()), file.title()));
    }
    // The page of contents before the chapters.
    navigation
        .get("Course")
        .sort(
            Comparator.comparing((Page page) -> !page.url().endsWith("index.html"))
                .thenComparing(Page::url));
  }

  /** Writes the site into a folder. */
  public static void main(String[] arguments) throws IOException {
    write(Path.of(arguments[0]));
  }

  /** Writes the site into a folder. */
  static void write(Path folder) throws IOException {
    new Site(folder).write();
  }

  private void write() throws IOException {
    for (MarkdownFile file : files.values()) {
      page(file);
    }
    // Those that are found while links are followed.
    for (Map.Entry<Path, String> source : List.copyOf(sources.entrySet())) {
      source(source.getKey(), source.getValue());
    }
    save(INDEX, "const SECTIONS = [\n" + String.join(",\n", sections) + "\n];\n");
    for (String name : List.of(STYLE, SCRIPT)) {
      try (InputStream stream = Site.class.getResourceAsStream(name)) {
        save(name, new String(stream.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
  }

  private static String group(Path path) {
    String name = path.toString().replace('\\', '/');
    if (name.startsWith("docs/course/")) {
      return "Course";
    }
    if (name.startsWith("docs/decisions/")) {
      return "Decisions";
    }
    return name.startsWith("docs/") ? "Guides" : "Project";
  }

  /** Address of a Markdown file's page, from the top of the site. */
  private static String url(Path path) {
    String name = path.toString().replace('\\', '/').replaceFirst("^\\.", "");
    if (name.endsWith("README.md")) {
      return name.replace("README.md", "index.html");
    }
    return name.replaceFirst("\\.md$", ".html");
  }

  private void page(MarkdownFile file) throws IOException {
    String url = url(file.path());
    for (Link link : file.links()) {
      if (!MarkdownFile.isExternal(link.getDestination())) {
        String anchor = MarkdownFile.anchorOf(link.getDestination());
        String target = target(file.target(link.getDestination()));
        link.setDestination(relative(url, target) + (anchor.isEmpty() ? "" : "#" + anchor));
      }
    }
    index(file, url);
    HtmlRenderer renderer =
        HtmlRenderer.builder()
            .extensions(List.of(TablesExtension.create()))
            .escapeHtml(true)
            .attributeProviderFactory(
                context ->
                    (node, tag, attributes) -> {
                      if (node instanceof Heading heading) {
                        attributes.put("id", file.anchor(heading));
                      }
                      if (tag.equals("pre")) {
                        attributes.put("tabindex", "0");
                      }
                    })
            .build();
    String body =
        renderer
            .render(file.document())
            .replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>")
            .replace("</table>", "</table></div>");
    save(url, html(url, file.title(), body));
  }

  /** Address of the page of any file or folder. */
  private String target(Path path) {
    if (files.containsKey(path)) {
      return url(path);
    }
    return sources.computeIfAbsent(
        path,
        file -> "source/" + file.toString().replace('\\', '/').replaceFirst("^\\.", "") + ".html");
  }

  // A file as text, or what is in a folder.
  private void source(Path path, String url) throws IOException {
    Path file = MarkdownFile.TOP.resolve(path);
    StringBuilder body = new StringBuilder("<h1>" + escaped(path.toString()) + "</h1>\n");
    if (Files.isDirectory(file)) {
      body.append("<ul>\n");
      for (Path entry : entries(file)) {
        Path name = MarkdownFile.TOP.relativize(entry);
        boolean isNew = !files.containsKey(name) && !sources.containsKey(name);
        String target = target(name);
        if (isNew) {
          source(name, target);
        }
        body.append("<li><a href=\"")
            .append(relative(url, target))
            .append("\">")
            .append(escaped(String.valueOf(entry.getFileName())))
            .append("</a></li>\n");
      }
      body.append("</ul>\n");
    } else {
      body.append("<pre tabindex=\"0\"><code>").append(text(file)).append("</code></pre>\n");
    }
    save(url, html(url, path.toString(), body.toString()));
  }

  private static String text(Path file) throws IOException {
    try {
      return escaped(Files.readString(file));
    } catch (MalformedInputException e) {
      return Files.size(file) + " bytes that are no text";
    }
  }

  // What a build left behind is not the repository's.
  private static List<Path> entries(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> !file.endsWith("target")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A section is a heading with what follows it to the next one. */
  private void index(MarkdownFile file, String url) {
    Heading heading = null;
    StringBuilder text = new StringBuilder();
    for (Node node = file.document().getFirstChild(); node != null; node = node.getNext()) {
      if (node instanceof Heading next) {
        section(file, url, heading, text);
        heading = next;
        text.setLength(0);
      } else {
        text.append(MarkdownFile.text(node)).append(' ');
      }
    }
    section(file, url, heading, text);
  }

  private void section(MarkdownFile file, String url, Heading heading, StringBuilder text) {
    if (heading != null) {
      sections.add(
          Stream.of(
                  url + "#" + file.anchor(heading),
                  file.title(),
                  MarkdownFile.text(heading),
                  text.toString().replaceAll("[\\s|]+", " ").strip())
              .map(Site::quoted)
              .collect(Collectors.joining(",", "[", "]")));
    }
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // No end of a script either.
      if (c == '"' || c == '\\' || c == '<' || c < ' ' || c == '\u2028' || c == '\u2029') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  private String html(String url, String title, String body) {
    String top = "../".repeat(url.split("/", -1).length - 1);
    return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%s</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="%s">
        </head>
        <body data-top="%s">
        <header>
        <a class="home" href="%sindex.html">tataa</a>
        <label for="search">Search</label>
        <input id="search" type="search" autocomplete="off" placeholder="as softmax, roofline, --emit">
        </header>
        <div id="found" role="status" hidden></div>
        <div class="columns">
        <details class="menu"><summary>Contents</summary>
        <nav aria-label="Contents">
        %s</nav>
        </details>
        <main>
        %s%s</main>
        </div>
        <script src="%s"></script>
        </body>
        </html>
        """
        .formatted(
            escaped(title.equals("tataa") ? title : title + " - tataa"),
            top + STYLE,
            top,
            top,
            menu(url),
            body,
            neighbours(url),
            top + SCRIPT);
  }

  private String menu(String url) {
    StringBuilder menu = new StringBuilder();
    navigation.forEach(
        (group, pages) -> {
          menu.append("<h2>").append(group).append("</h2>\n<ul>\n");
          for (Page page : pages) {
            menu.append("<li><a href=\"").append(relative(url, page.url())).append('"');
            menu.append(page.url().equals(url) ? " aria-current=\"page\">" : ">");
            menu.append(escaped(page.title())).append("</a></li>\n");
          }
          menu.append("</ul>\n");
        });
    return menu.toString();
  }

  // Of a chapter: the ones before and after it.
  private String neighbours(String url) {
    List<Page> chapters = navigation.get("Course");
    for (int i = 0; i < chapters.size(); i++) {
      if (chapters.get(i).url().equals(url)) {
        StringBuilder links = new StringBuilder("<p class=\"neighbours\">");
        if (i > 0) {
          links.append(link(url, chapters.get(i - 1), "&larr; "));
        }
        if (i + 1 < chapters.size()) {
          links.append(link(url, chapters.get(i + 1), "&rarr; "));
        }
        return links.append("</p>\n").toString();
      }
    }
    return "";
  }

  private static String link(String url, Page page, String mark) {
    return "<a href=\"" + relative(url, page.url()) + "\">" + mark + escaped(page.title()) + "</a>";
  }

  private static String relative(String from, String to) {
    Path folder = Path.of("/" + from).resolveSibling("");
    return folder.relativize(Path.of("/" + to)).toString().replace('\\', '/');
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private void save(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, content);
  }
}
