package org.tataa.spark;

import java.io.Serializable;
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
 * Rows computed by the executors of a Spark application, a task each. A row reaches the driver's
 * journal when its task ends, not when all have; one whose executor is lost is computed by another.
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
  public void compute(List<Integer> rows, Sweep.Sink sink) {
    if (rows.isEmpty()) {
      return;
    }
    JavaRDD<Integer> tasks = context.parallelize(rows, rows.size());
    Function2<Object, String, BoxedUnit> taken =
        (task, line) -> {
          sink.take(rows.get((Integer) task), line);
          return BoxedUnit.UNIT;
        };
    context
        .sc()
        .runJob(tasks.rdd(), new Task(spec, table), taken, ClassTag$.MODULE$.apply(String.class));
  }

  /** Computes the one row of a task. */
  private static final class Task extends AbstractFunction1<Iterator<Integer>, String>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    /** What the tasks of an executor share: programs and calibrations of models. */
    private static final Map<List<String>, SweepRows> KNOWN = new ConcurrentHashMap<>();

    private final String spec;
    private final String table;

    Task(String spec, String table) {
      this.spec = spec;
      this.table = table;
    }

    @Override
    public String apply(Iterator<Integer> rows) {
      SweepRows known =
          KNOWN.computeIfAbsent(
              List.of(spec, table),
              key -> new SweepRows(SweepSpec.parse(spec), EnergyTable.parse(table)));
      return known.line(rows.next());
    }
  }
}
