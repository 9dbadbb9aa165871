package org.tataa.tiling;

import java.util.ArrayDeque;
import java.util.Deque;
import org.tataa.numeric.LaneOp;

/** Combines registers two by two as they come, in the pairwise tree of {@code ReductionOrder}. */
final class Tree {
  private record Level(int level, int register) {}

  private final Body body;
  private final LaneOp op;
  private final Deque<Level> pending = new ArrayDeque<>();

  Tree(Body body, LaneOp op) {
    this.body = body;
    this.op = op;
  }

  void accept(int register) {
    Level next = new Level(0, register);
    while (!pending.isEmpty() && pending.peek().level() == next.level()) {
      Level other = pending.pop();
      next = new Level(next.level() + 1, body.operate(op, other.register(), next.register()));
    }
    pending.push(next);
  }

  /** The combination of all. */
  int finish() {
    int result = pending.pop().register();
    while (!pending.isEmpty()) {
      result = body.operate(op, pending.pop().register(), result);
    }
    return result;
  }
}
