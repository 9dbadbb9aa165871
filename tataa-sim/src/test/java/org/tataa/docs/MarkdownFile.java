package org.tataa.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Heading;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.text.TextContentRenderer;

/** A Markdown file of the repository: its headings with the anchors they get, and its links. */
final class MarkdownFile {
  /** Top of the repository; Maven says where the module is, others start in its folder. */
  static final Path TOP =
      Path.of(System.getProperty("basedir", "")).resolve("..").toAbsolutePath().normalize();

  private static final Parser PARSER =
      Parser.builder().extensions(List.of(TablesExtension.create())).build();
  private static final TextContentRenderer TEXT =
      TextContentRenderer.builder().extensions(List.of(TablesExtension.create())).build();

  private final Path path;
  private final Node document;
  private final Map<Heading, String> anchors = new HashMap<>();
  private final List<Heading> headings = new ArrayList<>();
  private final List<Link> links = new ArrayList<>();

  private MarkdownFile(Path path, Node document) {
    this.path = path;
    this.document = document;
    Map<String, Integer> used = new HashMap<>();
    document.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Heading heading) {
            String anchor = anchor(text(heading));
            int before = used.merge(anchor, 1, Integer::sum) - 1;
            anchors.put(heading, before == 0 ? anchor : anchor + "-" + before);
            headings.add(heading);
            visitChildren(heading);
          }

          @Override
          public void visit(Link link) {
            links.add(link);
            visitChildren(link);
          }
        });
  }

  /**
   * Reads a file.
   *
   * @param path from the top of the repository
   */
  static MarkdownFile read(Path path) throws IOException {
    return new MarkdownFile(path, PARSER.parse(Files.readString(TOP.resolve(path))));
  }

  /**
   * All that readers are meant to read: at the top, in docs and what the project says of itself.
   */
  static List<MarkdownFile> all() throws IOException {
    List<Path> paths = new ArrayList<>(List.of(Path.of("README.md"), Path.of("CHANGELOG.md")));
    for (String folder : List.of("docs", ".github")) {
      try (Stream<Path> files = Files.walk(TOP.resolve(folder))) {
        files
            .filter(file -> file.toString().endsWith(".md"))
            .map(TOP::relativize)
            .sorted()
            .forEach(paths::add);
      }
    }
    List<MarkdownFile> all = new ArrayList<>();
    for (Path path : paths) {
      all.add(read(path));
    }
    return all;
  }

  /** Where it is, from the top of the repository. */
  Path path() {
    return path;
  }

  /** Its blocks; links in them may be changed. */
  Node document() {
    return document;
  }

  /** Its headings in order. */
  List<Heading> headings() {
    return headings;
  }

  /** Its links in order. */
  List<Link> links() {
    return links;
  }

  /** The anchor of a heading, as GitHub makes it. */
  String anchor(Heading heading) {
    return anchors.getOrDefault(heading, "");
  }

  /** Whether there is an anchor. */
  boolean hasAnchor(String anchor) {
    return anchors.containsValue(anchor);
  }

  /** Its first heading. */
  String title() {
    return headings.isEmpty() ? path.toString() : text(headings.get(0));
  }

  /** What a node says, without marks. */
  static String text(Node node) {
    return TEXT.render(node).strip();
  }

  private static String anchor(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
  }

  /** The file a link leads to, from the top of the repository. */
  Path target(String destination) {
    String file = destination.replaceFirst("#.*", "");
    Path folder = TOP.resolve(path).resolveSibling(".");
    return file.isEmpty() ? path : TOP.relativize(folder.resolve(file).normalize());
  }

  /** The anchor of a link, or nothing. */
  static String anchorOf(String destination) {
    int mark = destination.indexOf('#');
    return mark < 0 ? "" : destination.substring(mark + 1);
  }

  /** Whether a link leads out of the repository. */
  static boolean isExternal(String destination) {
    return destination.matches("[a-z]+:.*");
  }
}
