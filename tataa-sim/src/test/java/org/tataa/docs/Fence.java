package org.tataa.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Node;
import org.commonmark.node.SourceSpan;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;

/**
 * A fenced block of a Markdown file.
 *
 * @param file the file
 * @param first line of its opening fence, from 0
 * @param last line of its closing fence
 * @param words what stands behind the opening fence; the first is the language
 * @param text its lines
 */
record Fence(Path file, int first, int last, List<String> words, List<String> text) {
  private static final Parser PARSER =
      Parser.builder().includeSourceSpans(IncludeSourceSpans.BLOCKS).build();

  String language() {
    return words.get(0);
  }

  boolean has(String word) {
    return words.contains(word);
  }

  String content() {
    return String.join("\n", text) + "\n";
  }

  @Override
  public String toString() {
    return file + ":" + (first + 1);
  }

  /** All blocks of a file, in order. */
  static List<Fence> of(Path file) throws IOException {
    List<Fence> fences = new ArrayList<>();
    Node document = PARSER.parse(Files.readString(file));
    document.accept(
        new AbstractVisitor() {
          @Override
          public void visit(FencedCodeBlock block) {
            List<SourceSpan> spans = block.getSourceSpans();
            fences.add(
                new Fence(
                    file,
                    spans.get(0).getLineIndex(),
                    spans.get(spans.size() - 1).getLineIndex(),
                    List.of(block.getInfo().strip().split("\\s+")),
                    block.getLiteral().lines().toList()));
          }
        });
    return fences;
  }
}
