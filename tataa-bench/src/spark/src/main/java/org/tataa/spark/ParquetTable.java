package org.tataa.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.tataa.explore.Sweep;
import org.tataa.explore.SweepRows;
import org.tataa.sim.AtomicFile;

/**
 * The table of a sweep as one Parquet file. Columns have the types of {@link SweepRows#columns};
 * what has no value, or one of another type in a row that is refused, is null.
 */
final class ParquetTable {
  private ParquetTable() {}

  /** Writes rows; the same rows give the same bytes. */
  static void write(Path file, List<Sweep.Row> rows) throws IOException {
    MessageType schema = schema();
    SimpleGroupFactory groups = new SimpleGroupFactory(schema);
    AtomicFile.write(
        file,
        temporary -> {
          try (ParquetWriter<Group> writer =
              ExampleParquetWriter.builder(new LocalOutputFile(temporary))
                  .withType(schema)
                  .withCompressionCodec(CompressionCodecName.ZSTD)
                  .build()) {
            for (Sweep.Row row : rows) {
              writer.write(group(groups.newGroup(), row));
            }
          }
        });
  }

  private static MessageType schema() {
    Type[] columns =
        SweepRows.columns().entrySet().stream()
            .map(column -> type(column.getKey(), column.getValue()))
            .toArray(Type[]::new);
    return Types.buildMessage().addFields(columns).named("sweep");
  }

  private static Type type(String name, SweepRows.Kind kind) {
    return switch (kind) {
      case TEXT ->
          Types.optional(PrimitiveTypeName.BINARY)
              .as(LogicalTypeAnnotation.stringType())
              .named(name);
      case WHOLE -> Types.optional(PrimitiveTypeName.INT64).named(name);
      case FRACTION -> Types.optional(PrimitiveTypeName.DOUBLE).named(name);
      case FLAG -> Types.optional(PrimitiveTypeName.BOOLEAN).named(name);
    };
  }

  private static Group group(Group group, Sweep.Row row) {
    for (Map.Entry<String, SweepRows.Kind> column : SweepRows.columns().entrySet()) {
      String name = column.getKey();
      String value = row.value(name);
      switch (column.getValue()) {
        case TEXT -> {
          if (!value.isEmpty()) {
            group.add(name, value);
          }
        }
        case WHOLE -> {
          if (value.matches("-?[0-9]{1,18}")) {
            group.add(name, Long.parseLong(value));
          }
        }
        case FRACTION -> {
          if (!value.isEmpty()) {
            group.add(name, Double.parseDouble(value));
          }
        }
        case FLAG -> {
          if (value.equals("true") || value.equals("false")) {
            group.add(name, Boolean.parseBoolean(value));
          }
        }
      }
    }
    return group;
  }
}
