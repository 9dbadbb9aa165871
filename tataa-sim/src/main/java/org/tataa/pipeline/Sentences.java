package org.tataa.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Sentences that come with the library: to calibrate with, and others to measure with. */
public final class Sentences {
  private Sentences() {}

  /** Six sentences in two groups of meaning, to show similarities with. */
  public static List<String> example() {
    return List.of(
        "A man is playing the guitar on a street corner.",
        "Someone makes music outdoors.",
        "The orchestra rehearsed the symphony all evening.",
        "The stock market fell sharply after the announcement.",
        "Share prices dropped when the news came out.",
        "The central bank raised interest rates by half a percent.");
  }

  /** Sentences to calibrate with: short and long, many scripts, numbers, code. */
  public static List<String> calibration() {
    return read("calibration-sentences.txt");
  }

  /** 100 sentences to measure accuracy with: short and long, many scripts, numbers, code. */
  public static List<String> test() {
    return read("test-sentences.txt");
  }

  /** Six Chinese sentences in two groups of meaning, to show similarities with. */
  public static List<String> chineseExample() {
    return List.of(
        "一个男人在街角弹吉他。",
        "有人在户外演奏音乐。",
        "乐团整个晚上都在排练交响曲。",
        "消息公布后股市大幅下跌。",
        "新闻传出后股价下跌了。",
        "中央银行把利率提高了半个百分点。");
  }

  /** Chinese sentences to calibrate with: short and long, formal and spoken, numbers. */
  public static List<String> chineseCalibration() {
    return read("calibration-sentences-zh.txt");
  }

  private static List<String> read(String name) {
    try (InputStream stream = Sentences.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException("resource " + name + " is missing");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
