package org.tataa.lower;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.tensor.Movement;
import org.tataa.tensor.Value;

/** Where keys and values of an attention come from: made in this run, or kept from earlier ones. */
final class AttentionKeys {
  private final String keyName;
  private final String valueName;
  private final @Nullable Heads key;
  private final @Nullable Heads value;
  private final @Nullable AttentionCache keyCache;
  private final @Nullable AttentionCache valueCache;

  private AttentionKeys(LoweringContext context, AttentionPattern pattern, String valueName) {
    keyName = pattern.key;
    this.valueName = valueName;
    AttentionCache ofKeys = AttentionCache.find(context, keyName, 1);
    AttentionCache ofValues = AttentionCache.find(context, valueName, 2);
    boolean alike =
        ofKeys != null && ofValues != null && Arrays.equals(ofKeys.slots(), ofValues.slots());
    keyCache = alike ? ofKeys : null;
    valueCache = alike ? ofValues : null;
    key = alike ? null : Heads.find(context, keyName, 1);
    value = alike ? null : Heads.find(context, valueName, 2);
  }

  static AttentionKeys find(LoweringContext context, AttentionPattern pattern, String valueName) {
    return new AttentionKeys(context, pattern, valueName);
  }

  /** For each head the number of the keys it reads; heads with the same keys share them. */
  int[] slots(int heads) {
    if (keyCache != null) {
      return keyCache.slots();
    }
    if (key != null) {
      return key.slots();
    }
    int[] own = new int[heads];
    Arrays.setAll(own, i -> i);
    return own;
  }

  /** Most keys a query sees, for which steps of codes are chosen. */
  int most(LoweringContext context, AttentionPattern pattern) {
    int[] shape = context.shape(valueName);
    int keys = shape[shape.length - 2];
    return valueCache == null
        ? AttentionMask.mostVisible(context, pattern, keys)
        : Math.max(keys, valueCache.limit());
  }

  /**
   * Keys that are made in this run. Words of keys are whole blocks: of a part that begins within
   * one, what is before it in its block is there too.
   */
  AttentionOperand made(LoweringContext context, String name) {
    return keyCache == null
        ? new AttentionOperand(
                context, keyName, key, 1, Heads.name(context, key, keyName, name, "/k"))
            .fromBlock(context.options.config().geometry().rows())
        : keyCache.rows(context, name + "/k");
  }

  /** Keys before the first one that {@link #keys} gives too. */
  int before(LoweringContext context) {
    return keyCache == null ? made(context, "").before() : 0;
  }

  /**
   * Codes of keys, {@code [..][feature][key]}.
   *
   * @param direct how they come from sums at once, or null if they do not
   */
  Value keys(
      LoweringContext context,
      double[][] steps,
      AttentionScales scales,
      @Nullable DirectKeys direct,
      String name) {
    AttentionOperand made = made(context, name);
    if (keyCache == null) {
      return direct == null ? made.codes(steps, scales::keyCenter) : made.codes(direct);
    }
    Value rows =
        direct == null
            ? keyCache.codes(context, steps, scales::keyCenter, name + "/k")
            : made.codes(direct);
    Value kept = keyCache.shown(context, keyCache.state(context, rows, name + "/k"));
    int rank = kept.rank();
    int[] axes = new int[rank];
    Arrays.setAll(axes, i -> i);
    axes[rank - 2] = rank - 1;
    axes[rank - 1] = rank - 2;
    int[] shape = kept.shape();
    shape[rank - 2] = kept.dim(-1);
    shape[rank - 1] = kept.dim(-2);
    return context.viewed(new Movement.Transpose(axes), kept, shape);
  }

  /** Codes of values, {@code [..][key][feature]}. */
  Value values(LoweringContext context, double[][] steps, AttentionScales scales, String name) {
    return valueCache == null
        ? new AttentionOperand(
                context, valueName, value, 2, Heads.name(context, value, valueName, name, "/v"))
            .codes(steps, scales::valueCenter)
        : valueCache.shown(
            context,
            valueCache.state(
                context,
                valueCache.codes(context, steps, scales::valueCenter, name + "/v"),
                name + "/v"));
  }

  /** What meets keys or values, with heads in groups if each group shares some that are kept. */
  Value grouped(LoweringContext context, Value operand) {
    return keyCache == null ? operand : keyCache.grouped(context, operand);
  }
}
