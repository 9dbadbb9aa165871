/**
 * Sweeps on Apache Spark; in the build with the profile {@code spark} only, so that nobody who uses
 * the simulator gets it.
 *
 * <p>{@link org.tataa.spark.SparkSweep} is the program. The table, its journal and what is left to
 * do are those of {@link org.tataa.explore.Sweep}; {@link org.tataa.spark.SparkWorkers} has the
 * rows computed by executors, which is all that is different. {@link org.tataa.spark.ParquetTable}
 * writes the table as Parquet, with the library that Spark brings, and {@link
 * org.tataa.spark.TableCheck} reads both back with Spark.
 */
@NullMarked
package org.tataa.spark;

import org.jspecify.annotations.NullMarked;
