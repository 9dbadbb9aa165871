package org.tataa.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
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
          Files.write(temporary, inOrder(Files.readAllBytes(temporary)));
        });
  }

  // The library lists the encodings of a column in the order of a hash, which is another one in
  // each run. At the end of a file are its metadata, their length in four bytes, and four letters.
  private static byte[] inOrder(byte[] file) throws IOException {
    int tail = 2 * Integer.BYTES;
    int length =
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(file.length - tail);
    int start = file.length - tail - length;
    FileMetaData metadata =
        Util.readFileMetaData(new ByteArrayInputStream(file, start, length));
    for (RowGroup group : metadata.getRow_groups()) {
      for (ColumnChunk column : group.getColumns()) {
        Collections.sort(column.getMeta_data().getEncodings());
        Collections.sort(column.getMeta_data().getEncoding_stats());
      }
    }
    ByteArrayOutputStream sorted = new ByteArrayOutputStream();
    sorted.write(file, 0, start);
    Util.writeFileMetaData(metadata, sorted);
    ByteBuffer end = ByteBuffer.allocate(tail).order(ByteOrder.LITTLE_ENDIAN);
    end.putInt(sorted.size() - start).put(file, file.length - Integer.BYTES, Integer.BYTES);
    sorted.writeBytes(end.array());
    return sorted.toByteArray();
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
