package org.tataa.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Einstein sums: products of operands whose axes have letters, summed over letters left out. */
final class Einsum {
  private static final int FIRST_ELLIPSIS = 0x10000;

  private Einsum() {}

  static NdTensor apply(String equation, List<NdTensor> operands) {
    String[] sides = equation.replace(" ", "").split("->", -1);
    String[] terms = sides[0].split(",", -1);
    if (sides.length > 2 || terms.length != operands.size()) {
      throw new GraphException(
          "equation `" + equation + "` does not fit " + operands.size() + " operands");
    }
    List<int[]> axes = new ArrayList<>();
    Map<Integer, Integer> sizes = new TreeMap<>();
    for (int i = 0; i < terms.length; i++) {
      axes.add(letters(terms[i], operands.get(i), equation));
      for (int axis = 0; axis < axes.get(i).length; axis++) {
        int dim = operands.get(i).dim(axis);
        int known = sizes.merge(axes.get(i)[axis], dim, (a, b) -> a == 1 ? b : a);
        if (known != dim && dim != 1) {
          throw new GraphException(
              "equation `" + equation + "`: dimensions " + known + " and " + dim);
        }
      }
    }
    int[] result = sides.length == 2 ? output(sides[1], sizes) : implicit(sides[0], sizes);
    return sum(operands, axes, result, sizes);
  }

  // Letters of the axes of an operand; axes under an ellipsis count from the last one.
  private static int[] letters(String term, NdTensor operand, String equation) {
    int dots = term.indexOf("...");
    String plain = term.replace("...", "");
    int hidden = operand.rank() - plain.length();
    if (hidden < 0 || (dots < 0 && hidden > 0)) {
      throw new GraphException(
          "equation `" + equation + "`: `" + term + "` does not fit " + operand);
    }
    int[] letters = new int[operand.rank()];
    for (int i = 0; i < letters.length; i++) {
      if (dots >= 0 && i >= dots && i < dots + hidden) {
        letters[i] = FIRST_ELLIPSIS + dots + hidden - 1 - i;
      } else {
        letters[i] = plain.charAt(dots >= 0 && i >= dots + hidden ? i - hidden : i);
      }
    }
    return letters;
  }

  private static int[] output(String term, Map<Integer, Integer> sizes) {
    List<Integer> letters = new ArrayList<>();
    for (int i = 0; i < term.length(); i++) {
      if (term.startsWith("...", i)) {
        ellipsis(letters, sizes);
        i += 2;
      } else {
        letters.add((int) term.charAt(i));
      }
    }
    return checked(letters, sizes);
  }

  private static int[] checked(List<Integer> letters, Map<Integer, Integer> sizes) {
    for (int letter : letters) {
      if (!sizes.containsKey(letter)) {
        throw new GraphException("result letter `" + (char) letter + "` is in no operand");
      }
    }
    return letters.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void ellipsis(List<Integer> letters, Map<Integer, Integer> sizes) {
    int count = (int) sizes.keySet().stream().filter(l -> l >= FIRST_ELLIPSIS).count();
    for (int k = count - 1; k >= 0; k--) {
      letters.add(FIRST_ELLIPSIS + k);
    }
  }

  // Without an arrow: letters that occur once, in alphabetical order, behind the ellipsis.
  private static int[] implicit(String terms, Map<Integer, Integer> sizes) {
    List<Integer> letters = new ArrayList<>();
    ellipsis(letters, sizes);
    for (int letter : sizes.keySet()) {
      if (letter < FIRST_ELLIPSIS && terms.indexOf(letter) == terms.lastIndexOf(letter)) {
        letters.add(letter);
      }
    }
    return checked(letters, sizes);
  }

  private static NdTensor sum(
      List<NdTensor> operands, List<int[]> axes, int[] result, Map<Integer, Integer> sizes) {
    List<Integer> order = new ArrayList<>(Arrays.stream(result).boxed().toList());
    sizes.keySet().stream().filter(letter -> !order.contains(letter)).forEach(order::add);
    int[] loops = order.stream().mapToInt(sizes::get).toArray();
    int[] shape = Arrays.copyOf(loops, result.length);
    int size = NdTensor.resultElements(shape);
    if (operands.stream().anyMatch(x -> !x.isKnown())) {
      return NdTensor.unknown(operands.get(0).type(), shape);
    }
    int inner = NdTensor.resultElements(Arrays.copyOfRange(loops, result.length, loops.length));
    int[][] strides = new int[operands.size()][loops.length];
    for (int i = 0; i < strides.length; i++) {
      int[] own = DataMovement.strides(operands.get(i).shape());
      for (int axis = 0; axis < own.length; axis++) {
        if (operands.get(i).dim(axis) > 1) {
          strides[i][order.indexOf(axes.get(i)[axis])] += own[axis];
        }
      }
    }
    double[] sums = new double[size];
    int[] at = new int[loops.length];
    int[] position = new int[strides.length];
    for (long step = 0; step < (long) size * inner; step++) {
      double product = 1;
      for (int i = 0; i < position.length; i++) {
        product *= operands.get(i).at(position[i]);
      }
      sums[(int) (step / inner)] += product;
      advance(loops, strides, at, position);
    }
    if (operands.get(0).type() == ElementType.FLOAT) {
      float[] to = new float[size];
      for (int i = 0; i < size; i++) {
        to[i] = (float) sums[i];
      }
      return NdTensor.of(to, shape);
    }
    return NdTensor.ofLongs(
        operands.get(0).type(), Arrays.stream(sums).mapToLong(v -> (long) v).toArray(), shape);
  }

  private static void advance(int[] loops, int[][] strides, int[] at, int[] position) {
    for (int axis = loops.length - 1; axis >= 0; axis--) {
      at[axis]++;
      boolean isDone = at[axis] < loops[axis];
      for (int i = 0; i < position.length; i++) {
        position[i] += isDone ? strides[i][axis] : -(at[axis] - 1) * strides[i][axis];
      }
      if (isDone) {
        return;
      }
      at[axis] = 0;
    }
  }
}
