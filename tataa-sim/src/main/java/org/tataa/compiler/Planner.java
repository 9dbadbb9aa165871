package org.tataa.compiler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.function.FunctionLibrary;
import org.tataa.function.LaneProgram;
import org.tataa.graph.ElementType;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.Operators;
import org.tataa.kernel.BlockForm;
import org.tataa.kernel.LanePass;
import org.tataa.quant.CalibrationRequest;

/**
 * Finds out, from the results backwards, which matrices are needed and in which arrangement, and
 * lists the steps that make them.
 *
 * <p>A matrix is feature-major (a vector holds one feature of 16 tokens) where features are summed,
 * token-major where it only becomes codes of a product. Element-wise work is collected in
 * expressions and cut where a value is read twice or where stored blocks would have exchanged
 * vectors with DMPUs differently.
 */
final class Planner {
  private static final Set<String> LANE_OPS =
      Set.of("Add", "Sub", "Mul", "Div", "Neg", "Pow", "Clip", "Min", "Max", "Identity", "Cast");

  /** Partial sums that an expression adds itself. */
  private static final int DIRECT_PARTS = 3;

  /** Partial sums that one pass adds, if there are more. */
  private static final int GROUPED_PARTS = 4;

  private final TataaConfig config;
  private final CompilerOptions options;
  private final Graph graph;
  private final Map<String, NdTensor> shapes;
  private final Views views;
  private final Plan plan;
  private final List<String> problems = new ArrayList<>();
  private final Set<String> failed = new HashSet<>();
  private final Map<String, Boolean> control = new HashMap<>();
  private final Map<String, Boolean> host = new HashMap<>();
  private final Map<String, Placement> placements = new HashMap<>();
  private final Map<Object, Expr> expressions = new HashMap<>();
  private final Map<Object, Codes> codes = new HashMap<>();
  private final Map<String, Attention> attentions = new HashMap<>();
  private final Map<String, Expr> norms = new HashMap<>();
  private final Map<Object, Matrix> placed = new HashMap<>();
  private final Map<String, float[]> weightRanges = new LinkedHashMap<>();
  private final Map<String, Boolean> afterNorm = new HashMap<>();
  private final Set<String> requested = new HashSet<>();

  private Planner(
      TataaConfig config,
      CompilerOptions options,
      Graph graph,
      int opset,
      Map<String, NdTensor> inputs) {
    this.config = config;
    this.options = options;
    this.graph = graph;
    Map<String, NdTensor> unknown = new HashMap<>();
    inputs.forEach((name, value) -> unknown.put(name, value.withoutData()));
    shapes = new Evaluator(graph, opset).all(unknown);
    views = new Views(graph, opset, shapes);
    plan = new Plan(graph, opset, views);
  }

  /**
   * Plans a fused graph.
   *
   * @param inputs shapes of the inputs
   * @throws UnsupportedModelException if parts of it cannot run on the machine
   */
  static Plan plan(
      TataaConfig config,
      CompilerOptions options,
      Graph graph,
      int opset,
      Map<String, NdTensor> inputs) {
    return new Planner(config, options, graph, opset, inputs).run();
  }

  private Plan run() {
    for (String output : graph.outputs()) {
      if (isHost(output)) {
        unsupported(output, "the result does not depend on the machine", "an encoder output");
        continue;
      }
      NdTensor view = views.of(output);
      storeAnchors(view);
      plan.outputs.put(output, view);
    }
    if (!problems.isEmpty()) {
      throw new UnsupportedModelException(graph.name(), problems);
    }
    weightRanges.forEach(
        (value, range) -> {
          boolean norm = afterNorm.getOrDefault(value, false);
          double share =
              norm
                  ? options.quantization().migrationAfterNorm()
                  : options.quantization().migrationElsewhere();
          int[] axes = {shape(value).rank() - 1};
          plan.requests.add(
              new CalibrationRequest(
                  value, axes, range, share, CalibrationRequest.Around.ZERO, null));
        });
    return plan;
  }

  private NdTensor shape(String value) {
    return views.shape(value);
  }

  // --- which side computes a value ---

  /** Whether a value depends on integers and constants only, not through an embedding. */
  private boolean isControl(String value) {
    Boolean known = control.get(value);
    if (known == null) {
      known = computeControl(value);
      control.put(value, known);
    }
    return known;
  }

  private boolean computeControl(String value) {
    if (graph.constant(value) != null || shape(value).type() != ElementType.FLOAT) {
      return true;
    }
    Node node = graph.producer(value);
    if (node == null) {
      return false;
    }
    boolean isEmbedding =
        node.op().equals("Gather")
            && graph.constant(node.input(0)) != null
            && graph.constant(node.input(1)) == null;
    return !isEmbedding
        && node.inputs().stream().allMatch(input -> input.isEmpty() || isControl(input));
  }

  /** Whether the host has a value: it is control, an input, an embedding, or moved from these. */
  private boolean isHost(String value) {
    Boolean known = host.get(value);
    if (known == null) {
      Node node = graph.producer(value);
      known =
          isControl(value)
              || node == null
              || (Operators.MOVEMENT.contains(node.op())
                  && node.inputs().stream().allMatch(input -> input.isEmpty() || isHost(input)));
      host.put(value, known);
    }
    return known;
  }

  // --- problems ---

  private Expr unsupported(String value, String why, String nearest) {
    Node node = graph.producer(value);
    String place = node == null ? "value `" + value + "`" : node.toString();
    if (failed.add(place)) {
      List<String> inputs = new ArrayList<>();
      if (node != null) {
        for (String input : node.inputs()) {
          inputs.add(input.isEmpty() ? "-" : shape(input).toString());
        }
      }
      problems.add(
          place
              + ": inputs "
              + inputs
              + ", result "
              + shape(value)
              + ": "
              + why
              + "; supported: "
              + nearest);
    }
    // Look at what is behind it, so that everything is reported at once.
    if (node != null) {
      for (String input : node.inputs()) {
        if (!input.isEmpty() && !isHost(input) && failed.add("behind " + input)) {
          NdTensor view = views.of(input);
          for (String anchor : anchorsOf(view)) {
            if (!isHost(anchor)) {
              anchorExpr(anchor, FeatureMap.identity(placement(anchor).features), true);
            }
          }
        }
      }
    }
    Placement last = Placement.last(shape(value).shape());
    return new Expr.Read(hostMatrix(value, last, last.features));
  }

  private static Matrix hostMatrix(String name, Placement placement, int places) {
    return new Matrix(name, placement.groups, placement.tokens, places, null);
  }

  // --- placements ---

  private Placement placement(String anchor) {
    Placement known = placements.get(anchor);
    if (known == null) {
      known = computePlacement(anchor);
      placements.put(anchor, known);
    }
    return known;
  }

  private Placement computePlacement(String anchor) {
    int[] shape = shape(anchor).shape();
    Node node = graph.producer(anchor);
    Placement last = Placement.last(shape);
    if (node == null || isHost(anchor) || shape.length < 3) {
      return last;
    }
    if (node.op().equals("MatMul")) {
      Attention attention = attention(node);
      return attention == null ? last : attention.placement;
    }
    if (isElementwise(node)) {
      // Machine operands decide: their tokens must be the tokens of the result.
      for (Placement candidate : Placement.candidates(shape)) {
        boolean fits = true;
        for (String input : node.inputs()) {
          if (!input.isEmpty() && !isHost(input) && Arrays.equals(shape(input).shape(), shape)) {
            fits &= views.resolve(input, candidate, this::placement) != null;
          }
        }
        if (fits) {
          return candidate;
        }
      }
    }
    return last;
  }

  private static boolean isElementwise(Node node) {
    return LANE_OPS.contains(node.op()) || FunctionLibrary.contains(node.op());
  }

  private static boolean isNorm(Node node) {
    return node.op().equals("LayerNormalization") || node.op().equals("RMSNormalization");
  }

  /** Whether a value should be feature-major: sums over features read it or made it. */
  private boolean isFeatureMajor(String anchor) {
    if (graph.consumers(anchor).stream().anyMatch(Planner::isNorm)) {
      return true;
    }
    Node node = graph.producer(anchor);
    if (node == null) {
      return false;
    }
    if (isNorm(node) || node.op().equals("Softmax") || node.op().equals("ReduceMean")) {
      return true;
    }
    if (!isElementwise(node)) {
      return false;
    }
    for (String input : node.inputs()) {
      if (!input.isEmpty() && !isHost(input)) {
        Views.Resolved resolved = views.resolve(input, placement(anchor), this::placement);
        if (resolved != null && isFeatureMajor(resolved.anchor())) {
          return true;
        }
      }
    }
    return false;
  }

  // --- expressions ---

  private record Key(String value, FeatureMap map, boolean featureMajor) {}

  /** Features of a value, arranged as a matrix. */
  private Expr expr(String value, Placement placement, FeatureMap map, boolean featureMajor) {
    if (isHost(value)) {
      return hostExpr(value, placement, map);
    }
    Views.Resolved resolved = views.resolve(value, placement, this::placement);
    if (resolved == null) {
      return new Expr.Read(rearranged(value, placement, map));
    }
    return anchorExpr(resolved.anchor(), map.of(resolved.features()), featureMajor);
  }

  private Expr hostExpr(String value, Placement placement, FeatureMap map) {
    NdTensor constant = graph.constant(value);
    if (constant != null && constant.size() == 1) {
      return new Expr.Constant(constant.at(0));
    }
    if (constant != null) {
      float[] row = rowOf(constant, placement);
      if (row != null) {
        float[] values = map.apply(row);
        return new Expr.Read(new Source.Row(value, quantization -> values));
      }
    }
    Matrix matrix =
        placed.computeIfAbsent(
            List.of(value, placement, map),
            key -> {
              Matrix made = hostMatrix(value, placement, map.size());
              plan.steps.add(new Step.Place(value, placement, map, constant, made));
              return made;
            });
    return new Expr.Read(matrix);
  }

  // Values of a constant by feature, if it does not depend on the token.
  private static float @Nullable [] rowOf(NdTensor constant, Placement placement) {
    NdTensor wide = Hosts.broadcast(constant, placement.shape);
    int[] columns = placement.columns();
    float[] row = new float[placement.features];
    boolean[] seen = new boolean[row.length];
    for (int i = 0; i < columns.length; i++) {
      float value = (float) wide.at(i);
      if (seen[columns[i]] && row[columns[i]] != value) {
        return null;
      }
      row[columns[i]] = value;
      seen[columns[i]] = true;
    }
    return row;
  }

  private Matrix rearranged(String value, Placement placement, FeatureMap map) {
    Object key = List.of("moved", value, placement, map);
    Matrix known = placed.get(key);
    if (known != null) {
      return known;
    }
    NdTensor view = views.of(value);
    storeAnchors(view);
    Matrix result = hostMatrix(value, placement, map.size());
    plan.steps.add(new Step.Rearrange(value, view, placement, map, result));
    placed.put(key, result);
    return result;
  }

  private List<String> anchorsOf(NdTensor view) {
    List<String> anchors = new ArrayList<>();
    String latest = "";
    for (long code : view.longs()) {
      if (code != 0) {
        String anchor = views.anchor(code);
        if (!anchor.equals(latest) && !anchors.contains(anchor)) {
          anchors.add(anchor);
        }
        latest = anchor;
      }
    }
    return anchors;
  }

  private void storeAnchors(NdTensor view) {
    for (String anchor : anchorsOf(view)) {
      if (!isHost(anchor) && !plan.stored.containsKey(anchor)) {
        FeatureMap map = preferred(anchor);
        boolean featureMajor = isFeatureMajor(anchor);
        Expr expr = anchorExpr(anchor, map, featureMajor);
        Matrix matrix = matrix(anchor, expr, featureMajor);
        plan.stored.put(anchor, new Plan.Stored(matrix, placement(anchor), map));
      }
    }
  }

  /** The arrangement in which an anchor comes at no cost. */
  private FeatureMap preferred(String anchor) {
    Node node = graph.producer(anchor);
    if (node != null && node.op().equals("MatMul")) {
      Attention attention = attention(node);
      if (attention != null) {
        return FeatureMap.padded(attention.heads, attention.width, BlockForm.SIZE);
      }
    }
    return FeatureMap.identity(placement(anchor).features);
  }

  private Expr anchorExpr(String anchor, FeatureMap map, boolean featureMajor) {
    Key key = new Key(anchor, map, featureMajor);
    Expr known = expressions.get(key);
    if (known == null) {
      known = computeExpr(anchor, map, featureMajor);
      expressions.put(key, known);
    }
    return known;
  }

  private Expr computeExpr(String anchor, FeatureMap map, boolean featureMajor) {
    Node node = graph.producer(anchor);
    if (node == null || isHost(anchor)) {
      return hostExpr(anchor, placement(anchor), map);
    }
    Placement placement = placement(anchor);
    try {
      if (node.op().equals("Linear")) {
        return named(anchor, linear(node, map, featureMajor), map);
      }
      if (isNorm(node)) {
        if (!map.isIdentity(placement.features) || !featureMajor) {
          return new Expr.Read(reordered(anchor, placement, map));
        }
        return normalised(node, placement);
      }
      if (node.op().equals("MatMul")) {
        Attention attention = attention(node);
        if (attention == null) {
          return unsupported(
              anchor,
              "a product of two computed values that is no attention",
              "MatMul(Softmax(MatMul(q, k) * scale + mask), v), or one constant operand");
        }
        if (featureMajor || !map.equals(preferred(anchor))) {
          return new Expr.Read(reordered(anchor, placement, map));
        }
        return context(node, attention);
      }
      if (node.op().equals("ReduceMean") || node.op().equals("ReduceSum")) {
        return pooled(node, map);
      }
      if (node.op().equals("Softmax")) {
        return softmax(node, placement, map, featureMajor);
      }
      if (isElementwise(node)) {
        return named(anchor, elementwise(node, placement, map, featureMajor), map);
      }
    } catch (GraphException e) {
      return unsupported(anchor, String.valueOf(e.getMessage()), "see the message");
    }
    return unsupported(
        anchor,
        "the operator has no form on the machine",
        "Linear, attention, LayerNorm, RMSNorm, SoftMax, mean over tokens, element-wise operators");
  }

  private Expr named(String anchor, Expr inner, FeatureMap map) {
    Placement placement = placement(anchor);
    int uses = graph.consumers(anchor).size() + (graph.outputs().contains(anchor) ? 1 : 0);
    return new Expr.Named(anchor, inner, uses > 1, placement.groups, placement.tokens, map);
  }

  // The anchor in its own arrangement, moved by the host.
  private Matrix reordered(String anchor, Placement placement, FeatureMap map) {
    return rearranged(anchor, placement, map);
  }

  // --- Linear ---

  private Expr linear(Node node, FeatureMap map, boolean featureMajor) {
    String value = node.input(0);
    NdTensor weights = constant(node.input(1));
    int out = weights.dim(1);
    int in = weights.dim(0);
    float[] w = weights.floats();
    noteWeights(node, w, in, out);
    Input input = input(value, in);
    String biasName = node.input(2);
    float[] bias =
        biasName.isEmpty() ? new float[map.size()] : map.apply(constant(biasName).floats());
    int part = partDepth(input, in);
    String rangeKey =
        part == in
            ? range(node.output(), shape(node.output()).rank() - 1)
            : request(
                CalibrationRequest.sums(
                    value,
                    shape(value).rank() - 1,
                    new CalibrationRequest.Product(node.output(), weights, part)));
    Weights quantised =
        new Weights(
            node.output(),
            input.codes(),
            weights,
            input.logical(),
            part == in ? bias : new float[map.size()],
            rangeKey,
            map,
            featureMajor);
    Placement placement = placement(node.output());
    List<Matrix> parts = new ArrayList<>();
    for (int from = 0; from < input.codes().places; from += part) {
      int depth = part == in ? input.codes().places : Math.min(part, in - from);
      Matrix sums =
          new Matrix(
              node.output() + (part == in ? "" : "/" + from) + "/sums",
              placement.groups,
              placement.tokens,
              map.size(),
              featureMajor ? BlockForm.FEATURES : BlockForm.TOKENS);
      plan.steps.add(new Step.Linear(node.output(), input.codes(), quantised, from, depth, sums));
      parts.add(sums);
      if (part == in) {
        break;
      }
    }
    Expr scaled =
        apply(
            "mul",
            total(node.output(), parts),
            new Expr.Read(
                new Source.Row(
                    node.output() + "/factor",
                    quantization -> quantised.quantise(quantization).factor())));
    if (biasName.isEmpty()) {
      return scaled;
    }
    return apply(
        "add",
        scaled,
        new Expr.Read(new Source.Row(node.output() + "/bias", quantization -> bias)));
  }

  // The sum of partial sums, by way of memory if they are many.
  private Expr total(String name, List<Matrix> parts) {
    if (parts.size() <= DIRECT_PARTS) {
      return sum(parts);
    }
    List<Matrix> groups = new ArrayList<>();
    for (int from = 0; from < parts.size(); from += GROUPED_PARTS) {
      List<Matrix> group = parts.subList(from, Math.min(parts.size(), from + GROUPED_PARTS));
      Matrix first = group.get(0);
      BlockForm form = Objects.requireNonNull(first.form);
      Matrix result =
          new Matrix(
              name + "/parts from " + from,
              first.groups,
              first.tokens,
              first.places,
              form.exchanged());
      Expr.Compiled compiled = Expr.compile(result.name, sum(group));
      plan.steps.add(
          new Step.Lanes(result.name, compiled.program(), compiled.sources(), form, result));
      groups.add(result);
    }
    return sum(groups);
  }

  private static Expr sum(List<Matrix> matrices) {
    Expr sum = new Expr.Read(matrices.get(0));
    for (Matrix matrix : matrices.subList(1, matrices.size())) {
      sum = apply("add", sum, new Expr.Read(matrix));
    }
    return sum;
  }

  // Features of a part of a product, if its places are the features in order; else all of them.
  private int partDepth(Input input, int in) {
    int depth = options.quantization().splitDepth();
    if (depth == 0 || in <= depth || input.logical().size() != in) {
      return in;
    }
    for (int i = 0; i < in; i++) {
      if (!input.logical().get(i).equals(List.of(i))) {
        return in;
      }
    }
    int parts = Math.min(DIRECT_PARTS * GROUPED_PARTS, (in + depth - 1) / depth);
    return (in + parts - 1) / parts;
  }

  private NdTensor constant(String name) {
    NdTensor value = graph.constant(name);
    if (value == null) {
      throw new GraphException("`" + name + "` must be constant");
    }
    return value;
  }

  private void noteWeights(Node node, float[] w, int in, int out) {
    float[] range = weightRanges.computeIfAbsent(node.input(0), key -> new float[in]);
    for (int row = 0; row < in; row++) {
      for (int o = 0; o < out; o++) {
        range[row] = Math.max(range[row], Math.abs(w[row * out + o]));
      }
    }
    Node source = graph.producer(node.input(0));
    afterNorm.put(node.input(0), source != null && isNorm(source));
  }

  private String range(String value, int... axes) {
    return request(CalibrationRequest.range(value, axes));
  }

  private String request(CalibrationRequest request) {
    if (requested.add(request.key())) {
      plan.requests.add(request);
    }
    return request.key();
  }

  /**
   * Codes a product reads.
   *
   * @param codes the codes
   * @param logical for each place the features of the value that stand there; -1 - f with a sign
   */
  private record Input(Codes codes, List<List<Integer>> logical) {}

  private Input input(String value, int features) {
    Placement placement = Placement.last(shape(value).shape());
    Views.Resolved resolved =
        isHost(value) ? null : views.resolve(value, placement, this::placement);
    FeatureMap map;
    boolean featureMajor = false;
    List<List<Integer>> logical = new ArrayList<>();
    if (resolved == null) {
      map = FeatureMap.identity(features);
      for (int i = 0; i < features; i++) {
        logical.add(List.of(i));
      }
    } else {
      map = preferred(resolved.anchor());
      featureMajor = isFeatureMajor(resolved.anchor());
      Map<Integer, List<Integer>> bySource = new HashMap<>();
      for (int f = 0; f < features; f++) {
        int code = resolved.features().isNegative(f) ? -1 - f : f;
        bySource.computeIfAbsent(resolved.features().source(f), key -> new ArrayList<>()).add(code);
      }
      for (int place = 0; place < map.size(); place++) {
        logical.add(bySource.getOrDefault(map.source(place), List.of()));
      }
    }
    Codes known = codes.get(value);
    if (known == null) {
      Expr source =
          resolved == null
              ? expr(value, placement, map, false)
              : anchorExpr(resolved.anchor(), map, featureMajor);
      String key = CalibrationRequest.range(value, shape(value).rank() - 1).key();
      known =
          quantised(
              value,
              source,
              featureMajor,
              Codes.Arrangement.PLACES,
              placement.groups,
              placement.tokens,
              map.size(),
              quantization -> steps(quantization, key, features, logical));
      codes.put(value, known);
    }
    return new Input(known, logical);
  }

  // A place several features share takes the finest of their steps.
  private static double[] steps(
      Quantization quantization, String key, int features, List<List<Integer>> logical) {
    org.tataa.quant.Calibration.Entry entry = quantization.calibration().entry(key, features);
    float[] migration = entry.migration();
    Double scale = entry.scale();
    if (migration == null || scale == null) {
      throw new org.tataa.quant.CalibrationException(
          "calibration entry `" + key + "` needs a scale and a migration");
    }
    double[] steps = new double[logical.size()];
    for (int place = 0; place < steps.length; place++) {
      for (int code : logical.get(place)) {
        double step = scale * migration[code < 0 ? -1 - code : code];
        steps[place] = Math.max(steps[place], step);
      }
    }
    return steps;
  }

  private Codes quantised(
      String name,
      Expr source,
      boolean featureMajor,
      Codes.Arrangement arrangement,
      int groups,
      int tokens,
      int places,
      java.util.function.Function<Quantization, double[]> steps) {
    Codes.Arrangement direct = featureMajor ? Codes.Arrangement.TOKENS : Codes.Arrangement.PLACES;
    Codes result = new Codes(name, groups, tokens, places, direct, steps);
    BlockForm wanted = featureMajor ? BlockForm.FEATURES_EXCHANGED : BlockForm.TOKENS_EXCHANGED;
    Set<Matrix> read = Expr.matrices(source);
    Expr conformed = source;
    if (read.stream().anyMatch(matrix -> matrix.form != wanted)) {
      Matrix stored = matrix(name, source, featureMajor);
      conformed =
          new Expr.Read(stored.form == null || stored.form == wanted ? stored : copy(stored));
    }
    Expr scaled =
        apply(
            "mul",
            conform(conformed, wanted),
            new Expr.Read(new Source.Row(name + "/inverse", result::inverses)));
    Expr.Compiled compiled = Expr.compile("codes of " + name, symmetric(scaled));
    if (!LanePass.fits(config, compiled.program(), wanted, kinds(compiled.sources()))) {
      Matrix stored = matrix(name, source, featureMajor);
      Expr simple =
          new Expr.Read(stored.form == null || stored.form == wanted ? stored : copy(stored));
      scaled =
          apply("mul", simple, new Expr.Read(new Source.Row(name + "/inverse", result::inverses)));
      compiled = Expr.compile("codes of " + name, symmetric(scaled));
    }
    use(compiled.sources(), wanted);
    plan.steps.add(new Step.Quantise(name, compiled.program(), compiled.sources(), wanted, result));
    if (arrangement == direct) {
      return result;
    }
    if (arrangement == Codes.Arrangement.TOKENS) {
      throw new IllegalStateException("token words come from feature-major matrices");
    }
    Codes turned = result.as(arrangement);
    plan.steps.add(new Step.Transpose(result, turned));
    return turned;
  }

  // The store saturates at -128, which as the high one of two packed operands counts as +128
  // (arithmetic.md), so codes stop at -127.
  private Expr symmetric(Expr codes) {
    return config.profiles().isa() == IsaProfile.EXTENDED
        ? apply("max", codes, new Expr.Constant(-127))
        : codes;
  }

  private static List<LanePass.Kind> kinds(List<Source> sources) {
    List<LanePass.Kind> kinds = new ArrayList<>();
    for (Source source : sources) {
      kinds.add(
          source instanceof Matrix
              ? LanePass.Kind.MATRIX
              : source instanceof Source.Row ? LanePass.Kind.FEATURE : LanePass.Kind.TOKEN);
    }
    return kinds;
  }

  private static void use(List<Source> sources, BlockForm form) {
    for (Source source : sources) {
      if (source instanceof Matrix matrix && matrix.form == null) {
        matrix.hostForms.add(form);
      }
    }
  }

  // --- storing expressions ---

  /** The expression's values as a matrix in some form of exchange. */
  private Matrix matrix(String name, Expr expr, boolean featureMajor) {
    if (expr instanceof Expr.Read read && read.source() instanceof Matrix matrix) {
      return matrix;
    }
    if (expr instanceof Expr.Named named) {
      if (named.stored == null) {
        named.stored = lanes(named, featureMajor);
      }
      return named.stored;
    }
    throw new IllegalStateException(name + " is no value of the graph");
  }

  private Matrix lanes(Expr.Named named, boolean featureMajor) {
    // Parts that are read elsewhere too are stored first, so that their form is known.
    storeShared(named.inner, featureMajor);
    BlockForm form = featureMajor ? BlockForm.FEATURES : BlockForm.TOKENS;
    Set<Matrix> read = Expr.matrices(named.inner);
    if (!read.isEmpty() && read.stream().noneMatch(matrix -> isSum(matrix))) {
      // Statistics of a matrix of the host are taken in this form.
      BlockForm first = read.iterator().next().form;
      form = first == null ? BlockForm.FEATURES_EXCHANGED : first;
    }
    Expr.Compiled compiled = Expr.compile(named.name, conform(named.inner, form));
    if (!LanePass.fits(config, compiled.program(), form, kinds(compiled.sources()))) {
      storeAll(named.inner, featureMajor);
      compiled = Expr.compile(named.name, conform(named.inner, form));
      if (!LanePass.fits(config, compiled.program(), form, kinds(compiled.sources()))) {
        unsupported(
            named.name,
            compiled.program() + " needs more registers than the machine has",
            "fewer operands in one expression");
      }
    }
    use(compiled.sources(), form);
    Matrix result =
        new Matrix(named.name, named.groups, named.tokens, named.map.size(), form.exchanged());
    if (graph.producer(named.name) != null) {
      plan.values.put(result, new Plan.Stored(result, placement(named.name), named.map));
    }
    plan.steps.add(
        new Step.Lanes(named.name, compiled.program(), compiled.sources(), form, result));
    return result;
  }

  private static boolean isSum(Matrix matrix) {
    return matrix.name.endsWith("/sums");
  }

  private void storeShared(Expr expr, boolean featureMajor) {
    if (expr instanceof Expr.Apply apply) {
      apply.arguments.forEach(argument -> storeShared(argument, featureMajor));
    } else if (expr instanceof Expr.Named named && named.stored == null) {
      if (named.isShared) {
        named.stored = lanes(named, featureMajor);
      } else {
        storeShared(named.inner, featureMajor);
      }
    }
  }

  private void storeAll(Expr expr, boolean featureMajor) {
    if (expr instanceof Expr.Apply apply) {
      apply.arguments.forEach(argument -> storeAll(argument, featureMajor));
    } else if (expr instanceof Expr.Named named && named.stored == null) {
      named.stored = lanes(named, featureMajor);
    }
  }

  /** The expression such that all matrices it reads have one form. */
  private Expr conform(Expr expr, BlockForm form) {
    if (expr instanceof Expr.Read read) {
      if (read.source() instanceof Matrix matrix && matrix.form != null && matrix.form != form) {
        return new Expr.Read(copy(matrix));
      }
      return expr;
    }
    if (expr instanceof Expr.Apply apply) {
      List<Expr> arguments = new ArrayList<>();
      for (Expr argument : apply.arguments) {
        arguments.add(conform(argument, form));
      }
      return arguments.equals(apply.arguments)
          ? expr
          : new Expr.Apply(apply.function, arguments.toArray(Expr[]::new));
    }
    if (expr instanceof Expr.Named named) {
      boolean featureMajor = form.isFeatureMajor();
      if (named.isShared && named.stored == null) {
        named.stored = lanes(named, featureMajor);
      }
      if (named.stored != null) {
        return conform(new Expr.Read(named.stored), form);
      }
      Set<Matrix> read = Expr.matrices(named.inner);
      if (read.stream().allMatch(matrix -> matrix.form == form)) {
        return conform(named.inner, form);
      }
      if (read.stream().allMatch(matrix -> matrix.form == form.exchanged())
          || readsStatistics(named.inner)) {
        named.stored = lanes(named, featureMajor);
        return conform(new Expr.Read(named.stored), form);
      }
      return conform(named.inner, form);
    }
    return expr;
  }

  private static boolean readsStatistics(Expr expr) {
    if (expr instanceof Expr.Read read) {
      return read.source() instanceof Source.Statistic;
    }
    return expr instanceof Expr.Apply apply
        && apply.arguments.stream().anyMatch(Planner::readsStatistics);
  }

  private Matrix copy(Matrix matrix) {
    BlockForm form = Objects.requireNonNull(matrix.form);
    if (matrix.copy == null) {
      Matrix result =
          new Matrix(matrix.name, matrix.groups, matrix.tokens, matrix.places, form.exchanged());
      LaneProgram.Builder builder = LaneProgram.builder("copy of " + matrix.name, 1);
      plan.steps.add(
          new Step.Lanes(
              matrix.name + "/copy",
              builder.build(builder.input(0)),
              List.of(matrix),
              form,
              result));
      matrix.copy = result;
      result.copy = matrix;
    }
    return matrix.copy;
  }

  // --- element-wise operators ---

  private static Expr apply(String op, Expr a, Expr b) {
    return Expr.binary(op, a, b);
  }

  private Expr elementwise(Node node, Placement placement, FeatureMap map, boolean featureMajor) {
    List<Expr> operands = new ArrayList<>();
    for (String input : node.inputs()) {
      if (input.isEmpty()) {
        continue;
      }
      if (!isHost(input) && !Arrays.equals(shape(input).shape(), placement.shape)) {
        return unsupported(
            node.output(),
            "a computed operand is broadcast",
            "operands of the shape of the result, or known to the host");
      }
      operands.add(
          isHost(input) && !Arrays.equals(shape(input).shape(), placement.shape)
              ? hostExpr(input, placement, map)
              : expr(input, placement, map, featureMajor));
    }
    Expr first = operands.get(0);
    if (FunctionLibrary.contains(node.op())) {
      return library(node, first);
    }
    return switch (node.op()) {
      case "Add" -> apply("add", first, operands.get(1));
      case "Mul" -> apply("mul", first, operands.get(1));
      case "Sub" ->
          operands.get(1) instanceof Expr.Constant number
              ? apply("add", first, new Expr.Constant(-number.value()))
              : apply("sub", first, operands.get(1));
      case "Neg" -> apply("mul", first, new Expr.Constant(-1));
      case "Identity", "Cast" -> first;
      case "Div" -> division(node, placement, map, first);
      case "Pow" -> {
        NdTensor exponent = graph.constant(node.input(1));
        if (exponent == null || exponent.size() != 1 || exponent.at(0) != 2) {
          yield unsupported(node.output(), "an exponent other than 2", "Pow(x, 2)");
        }
        yield apply("mul", first, first);
      }
      case "Min", "Max" -> extended(node, operands);
      case "Clip" -> clip(node, first);
      default -> throw new IllegalStateException(node.op());
    };
  }

  private Expr library(Node node, Expr argument) {
    FunctionLibrary.Approximation approximation =
        FunctionLibrary.find(
            node.op(), config.profiles().isa(), options.approximation(node.op(), node.output()));
    return new Expr.Apply(approximation.program(), argument);
  }

  private Expr division(Node node, Placement placement, FeatureMap map, Expr first) {
    NdTensor divisor = graph.constant(node.input(1));
    if (divisor == null) {
      return unsupported(node.output(), "a divisor that is not constant", "Div by a constant");
    }
    if (divisor.size() == 1) {
      return apply("mul", first, new Expr.Constant(1 / divisor.at(0)));
    }
    float[] row = rowOf(divisor, placement);
    if (row == null) {
      return unsupported(
          node.output(), "a divisor that differs from token to token", "one divisor per feature");
    }
    float[] inverse = new float[row.length];
    for (int i = 0; i < row.length; i++) {
      inverse[i] = 1 / row[i];
    }
    float[] values = map.apply(inverse);
    return apply(
        "mul",
        first,
        new Expr.Read(new Source.Row(node.output() + "/inverse", quantization -> values)));
  }

  private boolean isExtended() {
    return config.profiles().isa() == org.tataa.config.IsaProfile.EXTENDED;
  }

  private Expr extended(Node node, List<Expr> operands) {
    if (!isExtended()) {
      return unsupported(node.output(), "needs V.MAX and V.MIN", "instruction set EXTENDED");
    }
    Expr result = operands.get(0);
    for (int i = 1; i < operands.size(); i++) {
      result = apply(node.op().equals("Min") ? "min" : "max", result, operands.get(i));
    }
    return result;
  }

  private Expr clip(Node node, Expr first) {
    if (!isExtended()) {
      return unsupported(node.output(), "needs V.MAX and V.MIN", "instruction set EXTENDED");
    }
    Expr result = first;
    for (int side = 1; side <= 2; side++) {
      String name = node.input(side);
      if (!name.isEmpty()) {
        double limit = constant(name).at(0);
        if (!Double.isInfinite(limit) && Math.abs(limit) < 1e38) {
          result = apply(side == 1 ? "max" : "min", result, new Expr.Constant(limit));
        }
      }
    }
    return result;
  }

  // --- normalisation ---

  private Expr normalised(Node node, Placement placement) {
    Expr known = norms.get(node.output());
    if (known != null) {
      return known;
    }
    FeatureMap identity = FeatureMap.identity(placement.features);
    Placement inputPlacement = Placement.last(shape(node.input(0)).shape());
    Expr source = expr(node.input(0), inputPlacement, identity, true);
    Matrix x = matrix(node.input(0), source, true);
    if (x.form == null) {
      // The host writes it in one form; choose the one whose result the next product wants.
      x.hostForms.add(BlockForm.FEATURES_EXCHANGED);
    }
    long axis = node.integer("axis", -1);
    if (axis != -1 && axis != placement.shape.length - 1) {
      return unsupported(node.output(), "normalises over several axes", "the last axis only");
    }
    boolean centred = node.op().equals("LayerNormalization");
    Step.Statistics statistics =
        new Step.Statistics(
            node.output(), x, placement.features, centred, node.number("epsilon", 1e-5f));
    plan.steps.add(statistics);
    Expr value = new Expr.Read(x);
    if (centred) {
      value = apply("sub", value, new Expr.Read(new Source.Statistic(statistics, true)));
    }
    value = apply("mul", value, new Expr.Read(new Source.Statistic(statistics, false)));
    value = apply("mul", value, row(node.input(1), placement));
    if (!node.input(2).isEmpty()) {
      value = apply("add", value, row(node.input(2), placement));
    }
    Expr result =
        new Expr.Named(node.output(), value, false, placement.groups, placement.tokens, identity);
    norms.put(node.output(), result);
    return result;
  }

  private Expr row(String name, Placement placement) {
    NdTensor constant = constant(name);
    float[] values = rowOf(constant, placement);
    if (values == null) {
      throw new GraphException("`" + name + "` must have one value per feature");
    }
    return new Expr.Read(new Source.Row(name, quantization -> values));
  }

  // --- pooling and SoftMax ---

  private Expr pooled(Node node, FeatureMap map) {
    String value = node.input(0);
    Placement placement = Placement.last(shape(value).shape());
    long[] axes = node.integers("axes");
    if (axes == null && !node.input(1).isEmpty()) {
      axes = constant(node.input(1)).longs();
    }
    int tokenAxis = placement.shape.length - 2;
    boolean tokens =
        axes != null
            && axes.length == 1
            && Math.floorMod(axes[0], placement.shape.length) == tokenAxis;
    boolean keeps = node.integer("keepdims", 1) != 0;
    if (!tokens || placement.groups > 32 || (keeps && placement.groups > 1)) {
      return unsupported(
          node.output(),
          "a reduction other than over the tokens",
          "ReduceMean or ReduceSum over the last but one axis of up to 32 sequences");
    }
    FeatureMap identity = FeatureMap.identity(placement.features);
    Expr source = expr(value, placement, identity, true);
    String key = range(value, placement.shape.length - 1);
    Codes input =
        quantised(
            value + "/pooled",
            source,
            true,
            Codes.Arrangement.TOKENS,
            placement.groups,
            placement.tokens,
            placement.features,
            quantization -> {
              float[] range = quantization.calibration().entry(key, placement.features).range();
              double[] steps = new double[range.length];
              for (int i = 0; i < steps.length; i++) {
                steps[i] = range[i] == 0 ? 1 : range[i] / 127;
              }
              return steps;
            });
    Matrix sums =
        new Matrix(
            node.output() + "/sums", 1, placement.groups, placement.features, BlockForm.FEATURES);
    plan.steps.add(new Step.Pool(node.output(), input, sums));
    double scale = node.op().equals("ReduceMean") ? 1.0 / placement.tokens : 1;
    Expr scaled =
        apply(
            "mul",
            new Expr.Read(sums),
            new Expr.Read(
                new Source.Row(
                    node.output() + "/factor",
                    quantization -> {
                      double[] steps = input.steps(quantization);
                      float[] factors = new float[steps.length];
                      for (int i = 0; i < factors.length; i++) {
                        factors[i] = (float) (steps[i] * scale);
                      }
                      return factors;
                    })));
    if (!map.isIdentity(placement.features)) {
      return unsupported(node.output(), "pooled features in another order", "no permutation");
    }
    return named(node.output(), scaled, map);
  }

  private Expr softmax(Node node, Placement placement, FeatureMap map, boolean featureMajor) {
    long axis = node.integer("axis", -1);
    if ((axis != -1 && axis != placement.shape.length - 1) || !isExtended()) {
      return unsupported(
          node.output(), "SoftMax over another axis", "the last axis, instruction set EXTENDED");
    }
    FeatureMap identity = FeatureMap.identity(placement.features);
    if (!map.equals(identity) || !featureMajor) {
      return new Expr.Read(reordered(node.output(), placement, map));
    }
    Expr source = expr(node.input(0), Placement.last(shape(node.input(0)).shape()), identity, true);
    Matrix input = matrix(node.input(0), source, true);
    if (input.form == null) {
      input.hostForms.add(BlockForm.FEATURES);
    } else if (input.form != BlockForm.FEATURES) {
      input = copy(input);
    }
    Matrix result =
        new Matrix(
            node.output(),
            placement.groups,
            placement.tokens,
            placement.features,
            BlockForm.FEATURES);
    plan.steps.add(new Step.Softmax(node.output(), input, placement.features, result));
    return new Expr.Read(result);
  }

  // --- attention ---

  private @Nullable Attention attention(Node node) {
    String name = node.output();
    if (!attentions.containsKey(name)) {
      Attention found = new AttentionFinder(graph, views, this::isHost, this::placement).find(node);
      if (found != null) {
        attentions.put(name, found);
      }
    }
    return attentions.get(name);
  }

  private Expr context(Node node, Attention attention) {
    AttentionFinder.Operands operands =
        new AttentionFinder(graph, views, this::isHost, this::placement).operands(node, attention);
    attention.queryKey = range(operands.query(), operands.queryAxes());
    attention.keyKey = request(CalibrationRequest.centred(operands.key(), operands.keyAxes()));
    attention.valueKey =
        request(CalibrationRequest.centred(operands.value(), operands.valueAxes()));
    attention.scoreKey =
        request(CalibrationRequest.aroundRows(operands.scores(), operands.scoreAxes()));
    attention.keyChannels = attention.heads * attention.depth;
    attention.valueChannels = attention.heads * attention.width;
    attention.scoreChannels = operands.scoreAxes().length == 0 ? 1 : attention.heads;
    attention.query =
        operand(
            name(node, "q"),
            operands.queryFeatures(),
            attention.queries,
            attention,
            null,
            false,
            attention::querySteps);
    attention.key =
        operand(
            name(node, "k"),
            operands.keyFeatures(),
            attention.keys,
            attention,
            new Source.Row(name(node, "k/center"), attention::keyCenters),
            false,
            attention::keySteps);
    attention.value =
        operand(
            name(node, "v"),
            operands.valueFeatures(),
            attention.keys,
            attention,
            new Source.Row(name(node, "v/center"), attention::valueCenters),
            true,
            attention::valueSteps);
    plan.steps.add(new Step.Attend(attention));
    Expr scaled =
        apply(
            "mul",
            new Expr.Read(attention.result),
            new Expr.Read(new Source.Row(name(node, "factor"), attention::resultFactors)));
    Expr centred =
        apply(
            "add",
            scaled,
            new Expr.Read(new Source.Row(name(node, "center"), attention::resultCenters)));
    return named(node.output(), centred, preferred(node.output()));
  }

  private static String name(Node node, String suffix) {
    return node.output() + "/" + suffix;
  }

  private Codes operand(
      String name,
      Views.Resolved features,
      int tokens,
      Attention attention,
      Source.@Nullable Row center,
      boolean isValue,
      java.util.function.Function<Quantization, double[]> steps) {
    boolean featureMajor = isValue || isFeatureMajor(features.anchor());
    Expr source = anchorExpr(features.anchor(), features.features(), featureMajor);
    if (center != null) {
      source =
          new Expr.Named(
              name,
              apply("sub", source, new Expr.Read(center)),
              false,
              attention.groups,
              tokens,
              features.features());
    }
    return quantised(
        name,
        source,
        featureMajor,
        isValue ? Codes.Arrangement.TOKENS : Codes.Arrangement.PLACES,
        attention.groups,
        tokens,
        features.features().size(),
        steps);
  }
}
