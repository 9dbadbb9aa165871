package org.tataa.tiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.isa.StoreMode;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.Movement;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;
import org.tataa.tensor.ViewOp;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.MatMulNest;
import org.tataa.tile.Work;

/** Emits products: blocks of the result, the operand that changes less often in the outer loop. */
final class ContractTiler {
  private final TensorProgram program;
  private final Emission emission;
  private final Operands operands;
  private final Geometry geometry;
  private final ConstantWords words;
  private final WovenOperand woven;
  private final Joins joins;

  ContractTiler(
      TensorProgram program,
      Emission emission,
      Operands operands,
      ConstantWords words,
      WovenOperand woven,
      Joins joins) {
    this.woven = woven;
    this.joins = joins;
    this.program = program;
    this.emission = emission;
    this.operands = operands;
    this.words = words;
    geometry = emission.geometry;
  }

  /**
   * Emits a product.
   *
   * @param codes where a product wants int8 results, or null if they are not or none does
   */
  void emit(ContractOp op, @Nullable WordTarget codes) {
    int rank = op.result().rank();
    boolean columnsAreN = op.columns() == ContractOp.Columns.N;
    int[] leading = Arrays.copyOf(op.result().shape(), rank - 2);
    if (op.toInt8()) {
      toInt8(op, codes, columnsAreN, leading);
      return;
    }
    if (joins.isPart(op.result())) {
      WordAccess x = access(op, columnsAreN, leading);
      emission.add(nest(op, x, access(op, !columnsAreN, leading), joins.target(op)));
      joins.made(op.result());
      return;
    }
    WordAccess x = woven.isWanted(op) ? woven(op, columnsAreN, leading) : null;
    TileOrder order = x == null ? TileOrder.NATURAL : TileOrder.WOVEN;
    MatrixLayout layout = emission.layout(WovenOperand.placement(op), order);
    long room = isSliced(op.result()) ? geometry.tileBytes() : 0;
    Buffer buffer = emission.buffer(op.result().name(), layout.bytes() + room);
    emission.add(
        nest(
            op,
            x == null ? access(op, columnsAreN, leading) : x,
            access(op, !columnsAreN, leading),
            BlockTarget.tiles(geometry, layout, buffer, leading)));
    emission.stored(op.result(), new Stored(buffer, layout));
  }

  // A part that begins within a tile has a last one that may end behind all tiles, in padding.
  private boolean isSliced(Value value) {
    return program.consumers(value).stream()
        .anyMatch(op -> op instanceof ViewOp view && view.movement() instanceof Movement.Slice);
  }

  // Rows of a block as words, if the product that reads them wants the other axis as bytes and the
  // order of rows can be made that of beats; otherwise block by block.
  private void toInt8(
      ContractOp op, @Nullable WordTarget codes, boolean columnsAreN, int[] leading) {
    Value result = op.result();
    Placement placement = WovenOperand.placement(op);
    WordAccess x =
        codes == null
            ? null
            : found(WordTarget.of(geometry, op, columnsAreN).inBeats(geometry), leading);
    BlockWords words =
        x == null || codes == null
            ? null
            : emission.fits.blocks(placement, codes, emission.sources.of(codes.value()));
    if (x == null || words == null) {
      x = access(op, columnsAreN, leading);
      words = BlockWords.dense(geometry, placement);
    }
    Buffer buffer = emission.buffer(result.name(), words.bytes());
    WordAccess y = access(op, !columnsAreN, leading);
    emission.add(nest(op, x, y, words.target(buffer, leading)));
    TableLayout layout = emission.fits.layout(words.bytes(), words.places());
    emission.stored(result, new Stored(buffer, layout));
  }

  private boolean isConstant(Value value) {
    Sources.Source source = emission.sources.of(value);
    return source.isSingle() && program.producer(source.anchor()) instanceof ConstantOp;
  }

  // A product with ones adds up: the array works for it, but no product of the model is done.
  private boolean isSum(ContractOp op) {
    for (Value operand : op.operands()) {
      if (program.producer(operand) instanceof ConstantOp constant && isOnes(constant)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOnes(ConstantOp constant) {
    for (short code : constant.bits()) {
      if (code != 1) {
        return false;
      }
    }
    return true;
  }

  private MatMulNest nest(ContractOp op, WordAccess x, WordAccess y, BlockTarget target) {
    boolean columnsAreN = op.columns() == ContractOp.Columns.N;
    boolean xIsConstant = isConstant(columnsAreN ? op.a() : op.b());
    boolean yIsConstant = isConstant(columnsAreN ? op.b() : op.a());
    boolean rowsOuter = xIsConstant || (!yIsConstant && target.rows() > target.lanes());
    int[] leading = target.leading();
    List<Integer> loops = new ArrayList<>();
    List<long[]> strides = new ArrayList<>();
    int scaleLoop = -1;
    for (int axis = 0; axis < leading.length; axis++) {
      if (leading[axis] > 1) {
        scaleLoop = axis == op.scaleAxis() ? loops.size() : scaleLoop;
        loops.add(leading[axis]);
        strides.add(
            new long[] {x.fit().strides()[axis], y.fit().strides()[axis], target.strides()[axis]});
      }
    }
    long[] rows = {x.fit().strides()[leading.length], 0, target.strides()[leading.length]};
    long[] lanes = {0, y.fit().strides()[leading.length], target.strides()[leading.length + 1]};
    for (int i = 0; i < 2; i++) {
      boolean isRows = (i == 0) == rowsOuter;
      int count = isRows ? target.rows() : target.lanes();
      if (count > 1) {
        loops.add(count);
        strides.add(isRows ? rows : lanes);
      }
    }
    Work.Kind kind = xIsConstant || yIsConstant ? Work.Kind.LINEAR : Work.Kind.PRODUCT;
    return new MatMulNest(
        new Work(kind, op.result().name(), isSum(op) ? 0 : op.macs(), 0),
        loops,
        address(x.buffer(), x.fit().bases()[0], strides, 0),
        address(y.buffer(), y.fit().bases()[0], strides, 1),
        op.depth(),
        1,
        0,
        0,
        op.toInt8() ? StoreMode.ACC_TO_INT8 : StoreMode.ACC_TO_BF16,
        false,
        scaleLoop < 0 ? op.scales().subList(0, 1) : op.scales(),
        scaleLoop,
        address(target.buffer(), target.base(), strides, 2));
  }

  private static Address address(Buffer buffer, long base, List<long[]> strides, int which) {
    return new Address(buffer, base, strides.stream().mapToLong(stride -> stride[which]).toArray());
  }

  // Words whose bytes are woven, if there are such or they are constant.
  private @Nullable WordAccess woven(ContractOp op, boolean isFirst, int[] leading) {
    return found(WordTarget.of(geometry, op, isFirst).woven(geometry), leading);
  }

  private WordAccess access(ContractOp op, boolean isFirst, int[] leading) {
    WordTarget target = WordTarget.of(geometry, op, isFirst);
    WordAccess found = found(target, leading);
    return found == null ? moved(target, leading) : found;
  }

  private @Nullable WordAccess found(WordTarget target, int[] leading) {
    Sources.Source source = emission.sources.of(target.value());
    int align = emission.config.memory().portBytes();
    if (source.isSingle() && program.producer(source.anchor()) instanceof ConstantOp constant) {
      return constant(target, source, constant, leading, align);
    }
    if (source.isSingle()) {
      for (Stored stored : emission.where(source.anchor())) {
        int[] places =
            emission.fits.places(source, stored.layout().placeOf(), target.value().size());
        WordAccess access =
            places == null
                ? null
                : emission.fits.access(target, stored.buffer(), places, leading, align);
        if (access != null) {
          return access;
        }
      }
    }
    return null;
  }

  private WordAccess constant(
      WordTarget target, Sources.Source source, ConstantOp constant, int[] leading, int align) {
    ConstantWords.Placed placed =
        source.element() == null
            ? words.of(
                constant.bits(),
                target,
                leading,
                align,
                () -> place(target, source, constant, leading, align))
            : place(target, source, constant, leading, align);
    Buffer buffer = emission.constant(target.value().name(), placed.words());
    return new WordAccess(buffer, placed.fit());
  }

  private ConstantWords.Placed place(
      WordTarget target, Sources.Source source, ConstantOp constant, int[] leading, int align) {
    WordTarget.Arrangement arrangement = target.dense(emission.fits);
    byte[] words = new byte[arrangement.bytes()];
    int[] placeOf = arrangement.placeOf();
    short[] bits = constant.bits();
    for (int i = 0; i < placeOf.length; i++) {
      int element = source.element(i);
      words[placeOf[i]] = element < 0 ? 0 : (byte) bits[element];
    }
    Buffer buffer = Buffer.constant(target.value().name(), words);
    WordAccess access =
        found(emission.fits.access(target, buffer, placeOf, leading, align), target);
    return new ConstantWords.Placed(words, access.fit());
  }

  private WordAccess moved(WordTarget target, int[] leading) {
    Sources.Source source = emission.sources.of(target.value());
    int align = emission.config.memory().portBytes();
    WordTarget.Arrangement arrangement = target.dense(emission.fits);
    Buffer buffer = emission.buffer(target.value().name(), arrangement.bytes());
    int[] element = new int[target.value().size()];
    Arrays.setAll(element, source::element);
    operands.move(
        target.value().name(),
        source.anchors(),
        source.which(),
        element,
        buffer,
        emission.fits.layout(arrangement.bytes(), arrangement.placeOf()));
    return found(
        emission.fits.access(target, buffer, arrangement.placeOf(), leading, align), target);
  }

  private static WordAccess found(@Nullable WordAccess access, WordTarget target) {
    if (access == null) {
      throw new IllegalStateException("dense words of " + target.value() + " are not regular");
    }
    return access;
  }
}
