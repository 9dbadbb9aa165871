package org.tataa.explore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tataa.compiler.CompiledModel;
import org.tataa.config.TataaConfig;
import org.tataa.pipeline.BatchResult;

/**
 * A workload on a machine.
 *
 * @param workload its name
 * @param variant what differs from the u280 preset; empty for nothing
 * @param result a batch, without values
 */
public record PaperRun(String workload, String variant, BatchResult result) {
  /** Kinds of steps that are products. */
  private static final List<String> PRODUCTS = List.of("LINEAR", "PRODUCT");

  /**
   * Steps of an item that have something in common.
   *
   * @param name what
   * @param cycles of cores
   * @param share of the cycles of all steps, 0..1
   * @param macs useful multiply-accumulates
   * @param arrayMacs those of the array, padding included
   * @param vectorOperations vector operations
   */
  public record Part(
      String name, long cycles, double share, long macs, long arrayMacs, long vectorOperations) {
    /** Useful products, of the peak of the cores that do them, 0..1. */
    public double int8Utilisation(TataaConfig config) {
      return cycles == 0 ? 0 : macs / ((double) cycles * config.macsPerCycle());
    }

    /** Share of the cycles in which lanes begin an operation, 0..1. */
    public double lanesBusy() {
      return cycles == 0 ? 0 : (double) vectorOperations / cycles;
    }
  }

  /** Name for a table. */
  public String name() {
    return variant.isEmpty() ? workload : workload + ", " + variant;
  }

  /** The machine. */
  public TataaConfig config() {
    return result.config();
  }

  /** Items of the batch. */
  public int batch() {
    return result.items().size();
  }

  /** Items a second of the device. */
  public double itemsPerSecond() {
    return batch() / result.seconds();
  }

  /** Core cycles of an item. */
  public long itemCycles() {
    return result.total().cycles() / batch();
  }

  /**
   * Rate of linear layers in GOPS, as if all cores did nothing else.
   *
   * @param isPadded whether products of padding count
   */
  public double linearGops(boolean isPadded) {
    return gops(List.of("LINEAR"), isPadded);
  }

  /** The same of linear layers and the products of attention. */
  public double productGops(boolean isPadded) {
    return gops(PRODUCTS, isPadded);
  }

  private double gops(List<String> kinds, boolean isPadded) {
    long cycles = 0;
    long macs = 0;
    for (CompiledModel.StepReport step : steps()) {
      if (kinds.contains(step.kind())) {
        cycles += step.cycles();
        macs += step.macs() + (isPadded ? step.paddedMacs() : 0);
      }
    }
    return cycles == 0
        ? 0
        : macs / ((double) cycles * config().macsPerCycle()) * config().peakInt8Gops();
  }

  private List<CompiledModel.StepReport> steps() {
    return result.items().get(0).result().steps();
  }

  /**
   * An item in parts: products by depth, vector work by function; the largest first. Work of the
   * host takes no cycles.
   */
  public List<Part> parts() {
    Map<String, Part> parts = new LinkedHashMap<>();
    long all = 0;
    for (CompiledModel.StepReport step : steps()) {
      all += step.cycles();
      Part part =
          new Part(
              name(step),
              step.cycles(),
              0,
              step.macs(),
              step.macs() + step.paddedMacs(),
              step.counters().vectorOperations());
      parts.merge(part.name(), part, PaperRun::plus);
    }
    List<Part> list = new ArrayList<>();
    for (Part part : parts.values()) {
      if (part.cycles() > 0) {
        list.add(
            new Part(
                part.name(),
                part.cycles(),
                (double) part.cycles() / all,
                part.macs(),
                part.arrayMacs(),
                part.vectorOperations()));
      }
    }
    list.sort((a, b) -> Long.compare(b.cycles(), a.cycles()));
    return list;
  }

  private static Part plus(Part a, Part b) {
    return new Part(
        a.name(),
        a.cycles() + b.cycles(),
        0,
        a.macs() + b.macs(),
        a.arrayMacs() + b.arrayMacs(),
        a.vectorOperations() + b.vectorOperations());
  }

  // As "linear, K=384"; how a product was cut ends in its depth.
  private static String name(CompiledModel.StepReport step) {
    if (PRODUCTS.contains(step.kind())) {
      String depth = step.tiling().substring(step.tiling().indexOf("K="));
      if (step.macs() == 0) {
        return "products with the identity, " + depth;
      }
      return (step.kind().equals("LINEAR") ? "linear, " : "attention product, ") + depth;
    }
    return step.function().isEmpty()
        ? step.kind().toLowerCase(Locale.ROOT) + " by identity"
        : step.function();
  }
}
