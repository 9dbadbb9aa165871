package org.tataa.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.tataa.pipeline.MissingArtifactException;

/** A page with everything in it: numbers as JSON, charts by uPlot, no network. */
final class HtmlReport {
  private static final String PLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

  private HtmlReport() {}

  /** The page for a view of a model run. */
  static String page(Map<String, Object> view) {
    return page("report.html", view);
  }

  /**
   * A page for a view, by a template with places for what all pages share, the chart library and
   * the data.
   */
  static String page(String template, Map<String, Object> view) {
    String json;
    try {
      // A closing tag inside a string must not end the script.
      json = new ObjectMapper().writeValueAsString(view).replace("</", "<\\/");
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
    return resource(template)
        .replace("/*PAGE_CSS*/", resource("page.css"))
        .replace("/*PAGE_JS*/", resource("page.js"))
        .replace("/*UPLOT_CSS*/", resource(PLOT + "uPlot.min.css"))
        .replace("/*UPLOT_JS*/", resource(PLOT + "uPlot.iife.min.js"))
        .replace("/*DATA*/", json);
  }

  private static String resource(String name) {
    try (InputStream stream = HtmlReport.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw name.startsWith(PLOT)
            ? MissingArtifactException.named("org.webjars.npm:uplot", "the charts of a report")
            : new IllegalStateException("resource " + name + " is missing");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
