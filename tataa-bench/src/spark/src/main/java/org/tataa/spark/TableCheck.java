package org.tataa.spark;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.tataa.explore.SweepRows;

/** Reads a table as CSV and as Parquet with Spark and demands the same rows. */
public final class TableCheck {
  private static final PrintStream OUT = System.out;

  private TableCheck() {}

  /**
   * Compares two files; the exit code is 1 if they differ.
   *
   * @param arguments CSV file, Parquet file
   */
  public static void main(String[] arguments) throws IOException {
    SparkSession.Builder builder =
        SparkSession.builder().master("local[1]").config("spark.ui.enabled", false);
    boolean isSame;
    try (SparkSession spark = builder.getOrCreate()) {
      Dataset<Row> csv =
          spark
              .read()
              .option("header", true)
              .option("escape", "\"")
              .schema(schema())
              .csv(arguments[0]);
      Dataset<Row> parquet = spark.read().parquet(arguments[1]);
      List<Row> expected = csv.collectAsList();
      isSame = parquet.schema().equals(csv.schema()) && parquet.collectAsList().equals(expected);
      OUT.printf("%d rows, %s%n", expected.size(), isSame ? "the same" : "not the same");
    }
    System.exit(isSame ? 0 : 1);
  }

  private static StructType schema() {
    StructType schema = new StructType();
    for (var column : SweepRows.columns().entrySet()) {
      schema =
          schema.add(
              column.getKey(),
              switch (column.getValue()) {
                case TEXT -> DataTypes.StringType;
                case WHOLE -> DataTypes.LongType;
                case FRACTION -> DataTypes.DoubleType;
                case FLAG -> DataTypes.BooleanType;
              });
    }
    return schema;
  }
}
