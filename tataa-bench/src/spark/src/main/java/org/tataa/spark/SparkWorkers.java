package org.tataa.spark;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.tataa.explore.EnergyTable;
import org.tataa.explore.Sweep;
import org.tataa.explore.SweepRows;
import org.tataa.explore.SweepSpec;
import scala.Function2;
import scala.collection.Iterator;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * Rows computed by the executors of a Spark application; those that take one simulation are a task.
 * They reach the driver's journal when their task ends, not when all have; if its executor is lost,
 * another computes them.
 */
final class SparkWorkers implements Sweep.Workers {
  private final JavaSparkContext context;
  private final String spec;
  private final String table;

  /**
   * Workers.
   *
   * @param spec text of the specification
   * @param table what events cost
   */
  SparkWorkers(JavaSparkContext context, String spec, EnergyTable table) {
    this.context = context;
    this.spec = spec;
    this.table = table.toJson();
  }

  @Override
  public void compute(List<List<Integer>> groups, SweepRows.Sink sink) {
    if (groups.isEmpty()) {
      return;
    }
    JavaRDD<List<Integer>> tasks = context.parallelize(groups, groups.size());
    Function2<Object, Map<Integer, String>, BoxedUnit> taken =
        (task, lines) -> {
          lines.forEach(sink::take);
          return BoxedUnit.UNIT;
        };
    context
        .sc()
        .runJob(tasks.rdd(), new Task(spec, table), taken, ClassTag$.MODULE$.apply(Map.class));
  }

  /** Computes the one group of rows of a task. */
  private static final class Task
      extends AbstractFunction1<Iterator<List<Integer>>, Map<Integer, String>>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    /** What the tasks of an executor share: graphs and calibrations of models. */
    private static final Map<List<String>, SweepRows> KNOWN = new ConcurrentHashMap<>();

    private final String spec;
    private final String table;

    Task(String spec, String table) {
      this.spec = spec;
      this.table = table;
    }

    @Override
    public Map<Integer, String> apply(Iterator<List<Integer>> groups) {
      SweepRows known =
          KNOWN.computeIfAbsent(
              List.of(spec, table),
              key -> new SweepRows(SweepSpec.parse(spec), EnergyTable.parse(table)));
      Map<Integer, String> lines = new LinkedHashMap<>();
      known.compute(groups.next(), lines::put);
      return lines;
    }
  }
}
