package org.tataa.task;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.tataa.graph.NdTensor;

/** Lines of text, and images of them as recognisers take them. */
final class RenderedText {
  /** Rows of an image. */
  static final int HEIGHT = 48;

  /** Columns of an image. */
  static final int WIDTH = 320;

  private static final int MARGIN = 6;
  private static final int BASELINE = 34;

  private static final List<String> WORDS =
      List.of(
          "time",
          "year",
          "people",
          "way",
          "day",
          "man",
          "thing",
          "woman",
          "life",
          "child",
          "world",
          "school",
          "state",
          "family",
          "student",
          "group",
          "country",
          "problem",
          "hand",
          "part",
          "place",
          "case",
          "week",
          "company",
          "system",
          "program",
          "question",
          "work",
          "number",
          "night",
          "point",
          "home",
          "water",
          "room",
          "mother",
          "area",
          "money",
          "story",
          "fact",
          "month",
          "lot",
          "right",
          "study",
          "book",
          "eye",
          "job",
          "word",
          "business",
          "issue",
          "side",
          "kind",
          "head",
          "house",
          "service",
          "friend",
          "father",
          "power",
          "hour",
          "game",
          "line");

  private RenderedText() {}

  /** Lines of two or three words, some with a capital, some with a number. */
  static List<String> lines(int count, long seed) {
    Random random = new Random(seed);
    Set<String> lines = new LinkedHashSet<>();
    while (lines.size() < count) {
      StringBuilder line = new StringBuilder();
      int words = 2 + random.nextInt(2);
      for (int i = 0; i < words; i++) {
        String word =
            random.nextInt(4) == 0
                ? String.valueOf(10 + random.nextInt(9990))
                : WORDS.get(random.nextInt(WORDS.size()));
        boolean isCapital = random.nextInt(4) == 0;
        line.append(i == 0 ? "" : " ")
            .append(isCapital ? Character.toUpperCase(word.charAt(0)) + word.substring(1) : word);
      }
      lines.add(line.toString());
    }
    return new ArrayList<>(lines);
  }

  /**
   * A line in black on white, in a sans-serif font of this machine, as wide as it is or narrowed to
   * the image: {@code [1][3][HEIGHT][WIDTH]}, values -1..1.
   */
  static NdTensor image(String line, long seed) {
    Random random = new Random(seed);
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, WIDTH, HEIGHT);
    graphics.setColor(Color.BLACK);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    int style = random.nextBoolean() ? Font.PLAIN : Font.BOLD;
    Font font = new Font(Font.SANS_SERIF, style, 22 + random.nextInt(9));
    double width = font.getStringBounds(line, graphics.getFontRenderContext()).getWidth();
    double room = WIDTH - 2.0 * MARGIN;
    graphics.translate(MARGIN, BASELINE);
    graphics.scale(Math.min(1, room / width), 1);
    graphics.setFont(font);
    graphics.drawString(line, 0, 0);
    graphics.dispose();
    float[] values = new float[3 * HEIGHT * WIDTH];
    for (int i = 0; i < HEIGHT * WIDTH; i++) {
      float value = image.getRaster().getSample(i % WIDTH, i / WIDTH, 0) / 127.5f - 1;
      for (int channel = 0; channel < 3; channel++) {
        values[channel * HEIGHT * WIDTH + i] = value;
      }
    }
    return NdTensor.of(values, 1, 3, HEIGHT, WIDTH);
  }
}
