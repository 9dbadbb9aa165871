package org.tataa.compiler;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tataa.config.TataaConfig;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;
import org.tataa.isa.Program;
import org.tataa.kernel.BlockForm;
import org.tataa.machine.CoreMachine;
import org.tataa.numeric.Bfloat16;
import org.tataa.observe.Counters;

/** A model for inputs of fixed shapes: programs, memory image and what the host does between. */
public final class CompiledModel {
  /**
   * Part of the memory that is loaded once.
   *
   * @param address first byte
   * @param bytes content
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Image(long address, byte[] bytes) {}

  /**
   * What one step did.
   *
   * @param name value the step makes
   * @param kind kind of work, as {@code LINEAR}
   * @param cycles clock cycles; 0 for the host
   * @param macs multiply-accumulates of the model, padding left out
   * @param bound cycles its products need if everything else were hidden; 0 without products
   * @param hostBytes bytes the host moved
   * @param tiling how the work was cut
   * @param cosine cosine of the value with the reference; NaN if it was not compared
   * @param counters counters of the core
   */
  public record StepReport(
      String name,
      String kind,
      long cycles,
      long macs,
      long bound,
      long hostBytes,
      String tiling,
      double cosine,
      Counters counters) {}

  /**
   * Result of a run.
   *
   * @param outputs results of the graph
   * @param steps what was done, in order
   */
  public record Result(Map<String, NdTensor> outputs, List<StepReport> steps) {
    /** Cycles of all programs. */
    public long cycles() {
      return steps.stream().mapToLong(StepReport::cycles).sum();
    }
  }

  private final TataaConfig device;
  private final TataaConfig core;
  private final Plan plan;
  private final List<CompiledStep> steps;
  private final List<Image> image;
  private final Map<Object, Long> addresses;
  private final Map<Attention, AttentionMasks> masks;
  private final Map<String, Long> symbols;
  private final Set<String> hostValues = new HashSet<>();

  CompiledModel(
      TataaConfig device,
      TataaConfig core,
      Plan plan,
      List<CompiledStep> steps,
      List<Image> image,
      Map<Object, Long> addresses,
      Map<Attention, AttentionMasks> masks,
      Map<String, Long> symbols) {
    this.device = device;
    this.core = core;
    this.plan = plan;
    this.steps = List.copyOf(steps);
    this.image = List.copyOf(image);
    this.addresses = addresses;
    this.masks = masks;
    this.symbols = Collections.unmodifiableMap(symbols);
    for (CompiledStep compiled : steps) {
      if (compiled.step() instanceof Step.Place place && place.constant == null) {
        hostValues.add(place.value);
      } else if (compiled.step() instanceof Step.Rearrange rearrange) {
        hostAnchors(rearrange.codes);
      }
    }
    plan.outputs.values().forEach(this::hostAnchors);
    masks.forEach(
        (attention, mask) -> {
          if (mask.isRuntime()) {
            attention.masks.forEach(entry -> hostValues.add(entry.value()));
          }
        });
  }

  private void hostAnchors(NdTensor codes) {
    String latest = "";
    for (long code : codes.longs()) {
      if (code != 0) {
        String anchor = plan.views.anchor(code);
        if (!anchor.equals(latest) && !plan.stored.containsKey(anchor)) {
          hostValues.add(anchor);
        }
        latest = anchor;
      }
    }
  }

  /** The device it was compiled for. */
  public TataaConfig device() {
    return device;
  }

  /** One core with enough memory for the model. */
  public TataaConfig core() {
    return core;
  }

  /** All programs in order of execution. */
  public List<Program> programs() {
    List<Program> programs = new ArrayList<>();
    for (CompiledStep step : steps) {
      if (step.program() != null) {
        programs.add(step.program());
      }
    }
    return programs;
  }

  /**
   * Addresses in the core's memory by name; memory of values that are not needed at the same time
   * is shared.
   */
  public Map<String, Long> symbols() {
    return symbols;
  }

  /** Name of the model. */
  public String name() {
    return plan.graph.name();
  }

  /** The compiled steps. */
  List<CompiledStep> steps() {
    return steps;
  }

  /** The memory image. */
  List<Image> image() {
    return image;
  }

  /** Bytes of the memory image. */
  public long imageBytes() {
    return image.stream().mapToLong(part -> part.bytes().length).sum();
  }

  /** Loads weights and constants into a machine; once before the first run. */
  public void load(CoreMachine machine) {
    for (Image part : image) {
      machine.write(part.address(), part.bytes());
    }
    for (CompiledStep compiled : steps) {
      if (compiled.step() instanceof Step.Place place && place.constant != null) {
        place(place, place.constant, machine);
      }
    }
  }

  /** Looks at a run while it goes on. */
  public interface Observer {
    /** A step begins. */
    void begins(int step, String name, String kind);
  }

  /**
   * Runs the model on a machine it was loaded into.
   *
   * @param inputs values of the graph's inputs, of the shapes it was compiled for
   */
  public Result run(CoreMachine machine, Map<String, NdTensor> inputs) {
    return run(machine, inputs, Map.of(), (step, name, kind) -> {});
  }

  /**
   * As {@link #run(CoreMachine, Map)} with somebody looking on.
   *
   * @param reference float32 values of the graph to compare with, by name; those that are missing
   *     are not compared
   */
  public Result run(
      CoreMachine machine,
      Map<String, NdTensor> inputs,
      Map<String, NdTensor> reference,
      Observer observer) {
    Map<String, NdTensor> host = new HashMap<>(inputs);
    if (!hostValues.isEmpty()) {
      host.putAll(new Evaluator(plan.graph, plan.opset).some(inputs, hostValues));
    }
    for (AttentionMasks mask : masks.values()) {
      if (mask.isRuntime()) {
        mask.fill(host, machine::write);
      }
    }
    List<StepReport> reports = new ArrayList<>();
    int number = 0;
    for (CompiledStep compiled : steps) {
      observer.begins(number++, compiled.step().name, compiled.kind().name());
      Program program = compiled.program();
      StepEvent event = new StepEvent();
      event.begin();
      if (program != null) {
        CoreMachine.Cost cost = machine.run(program);
        event.cycles = cost.cycles();
        reports.add(
            new StepReport(
                compiled.step().name,
                compiled.kind().name(),
                cost.cycles(),
                compiled.macs(),
                compiled.bound(),
                0,
                compiled.tiling(),
                cosine(compiled.step(), machine, reference),
                cost.counters()));
      } else {
        long bytes = host(compiled.step(), machine, host);
        reports.add(
            new StepReport(
                compiled.step().name, "HOST", 0, 0, 0, bytes, "host", Double.NaN, new Counters()));
      }
      event.end();
      if (event.shouldCommit()) {
        event.value = compiled.step().name;
        event.kind = compiled.kind().name();
        event.commit();
      }
    }
    Map<String, NdTensor> outputs = new LinkedHashMap<>();
    Map<String, float[]> read = new HashMap<>();
    plan.outputs.forEach(
        (name, codes) ->
            outputs.put(name, NdTensor.of(gather(codes, machine, host, read), codes.shape())));
    return new Result(outputs, reports);
  }

  private double cosine(Step step, CoreMachine machine, Map<String, NdTensor> reference) {
    if (!(step instanceof Step.Lanes lanes)) {
      return Double.NaN;
    }
    Plan.Stored stored = plan.values.get(lanes.result);
    NdTensor expected = reference.get(lanes.name);
    if (stored == null
        || expected == null
        || !stored.map().isIdentity(stored.placement().features)) {
      return Double.NaN;
    }
    return cosine(values(stored, machine), expected.floats());
  }

  /** Cosine of two vectors of the same length; 1 if both are zero. */
  public static double cosine(float[] a, float[] b) {
    double dot = 0;
    double squareA = 0;
    double squareB = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
      squareA += (double) a[i] * a[i];
      squareB += (double) b[i] * b[i];
    }
    return squareA == 0 && squareB == 0 ? 1 : dot / Math.sqrt(squareA * squareB);
  }

  private long host(Step step, CoreMachine machine, Map<String, NdTensor> host) {
    if (step instanceof Step.Place place) {
      if (place.constant != null) {
        return 0;
      }
      NdTensor value = host.get(place.value);
      if (value == null) {
        throw new IllegalStateException("the host has no value " + place.value);
      }
      return place(place, value, machine);
    }
    if (step instanceof Step.Rearrange rearrange) {
      float[] values = gather(rearrange.codes, machine, host, new HashMap<>());
      long bytes = 2L * values.length;
      return bytes + write(rearrange.result, rearrange.placement, rearrange.map, values, machine);
    }
    return 0;
  }

  private long place(Step.Place place, NdTensor value, CoreMachine machine) {
    NdTensor wide = Hosts.broadcast(value, place.placement.shape);
    float[] values = new float[wide.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) wide.at(i);
    }
    return write(place.result, place.placement, place.map, values, machine);
  }

  private long write(
      Matrix matrix, Placement placement, FeatureMap map, float[] values, CoreMachine machine) {
    int[] rows = placement.rows();
    int[] columns = placement.columns();
    float[] logical = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      logical[rows[i] * placement.features + columns[i]] = values[i];
    }
    int count = placement.groups * placement.tokens;
    float[] arranged = new float[count * map.size()];
    for (int row = 0; row < count; row++) {
      for (int place = 0; place < map.size(); place++) {
        if (map.source(place) >= 0) {
          float value = logical[row * placement.features + map.source(place)];
          arranged[row * map.size() + place] = map.isNegative(place) ? -value : value;
        }
      }
    }
    long bytes = 0;
    for (BlockForm form : matrix.hostForms) {
      Long address = CodeGenerator.find(addresses, matrix, form);
      if (address == null) {
        throw new IllegalStateException("no memory for " + matrix);
      }
      byte[] blocks = Hosts.blocks(matrix, form, arranged);
      machine.write(address, blocks);
      bytes += blocks.length;
    }
    return bytes;
  }

  // Elements by their codes, from the machine's memory or from the host.
  private float[] gather(
      NdTensor codes, CoreMachine machine, Map<String, NdTensor> host, Map<String, float[]> read) {
    long[] code = codes.longs();
    float[] result = new float[code.length];
    String anchor = "";
    float[] values = {};
    for (int i = 0; i < code.length; i++) {
      if (code[i] == 0) {
        continue;
      }
      String next = plan.views.anchor(code[i]);
      if (!next.equals(anchor)) {
        anchor = next;
        values = read.computeIfAbsent(anchor, name -> anchorValues(name, machine, host));
      }
      float value = values[Views.element(code[i])];
      result[i] = code[i] < 0 ? -value : value;
    }
    return result;
  }

  private float[] anchorValues(String anchor, CoreMachine machine, Map<String, NdTensor> host) {
    Plan.Stored stored = plan.stored.get(anchor);
    if (stored == null) {
      NdTensor value = host.get(anchor);
      if (value == null) {
        value = plan.graph.constant(anchor);
      }
      if (value == null) {
        throw new IllegalStateException("the host has no value " + anchor);
      }
      float[] values = new float[value.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = Bfloat16.toFloat(Bfloat16.fromFloat((float) value.at(i)));
      }
      return values;
    }
    return values(stored, machine);
  }

  private float[] values(Plan.Stored stored, CoreMachine machine) {
    Matrix matrix = stored.matrix();
    BlockForm form = matrix.form;
    if (form == null) {
      throw new IllegalStateException(matrix + " was written by the host");
    }
    Long address = CodeGenerator.find(addresses, matrix, form);
    if (address == null) {
      throw new IllegalStateException("no memory for " + matrix);
    }
    float[] rows = Hosts.rows(matrix, form, machine.read(address, (int) matrix.bytes()));
    Placement placement = stored.placement();
    int[] place = new int[placement.features];
    for (int i = 0; i < stored.map().size(); i++) {
      if (stored.map().source(i) >= 0) {
        place[stored.map().source(i)] = i;
      }
    }
    int[] rowOf = placement.rows();
    int[] columnOf = placement.columns();
    float[] values = new float[rowOf.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = rows[rowOf[i] * matrix.places + place[columnOf[i]]];
    }
    return values;
  }
}
