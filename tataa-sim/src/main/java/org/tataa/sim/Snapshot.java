package org.tataa.sim;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Assembler;
import org.tataa.isa.Encoding;
import org.tataa.isa.InstructionFormatException;
import org.tataa.isa.Program;
import org.tataa.memory.ExternalMemory;
import org.tataa.state.ScanException;
import org.tataa.state.ScanIn;
import org.tataa.state.ScanOut;

/**
 * The complete state of a run in one file: configuration, programs, every register, counters and
 * memories. A restored run continues bit by bit as the saved one would have.
 *
 * <p>The file: 8 bytes {@code TATAASNP}, a 4-byte version, 32 bytes SHA-256 of the rest, and the
 * rest deflated. Memory pages of zeros are left out. Files of another version are refused, because
 * the registers of another version may mean something else.
 */
public final class Snapshot {
  /** Version written and read. */
  public static final int VERSION = 4;

  private static final byte[] MAGIC = "TATAASNP".getBytes(StandardCharsets.US_ASCII);
  private static final int DIGEST_BYTES = 32;
  private static final int HEADER_BYTES = 8 + 4 + DIGEST_BYTES;
  private static final int PAGE_BYTES = 4096;
  private static final int MOST_CONFIG_BYTES = 1 << 16;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Snapshot() {}

  /**
   * Saves a run. The file appears complete or not at all.
   *
   * @param simulator what is saved
   * @param file the file
   * @throws IOException if it cannot be written
   * @throws IllegalArgumentException if cores share a memory
   */
  public static void write(Simulator simulator, Path file) throws IOException {
    byte[] body = encode(simulator);
    ByteBuffer content = ByteBuffer.allocate(HEADER_BYTES + body.length);
    content.put(MAGIC).putInt(VERSION).put(digest(body)).put(body);
    AtomicFile.write(file, temporary -> Files.write(temporary, content.array()));
  }

  /**
   * {@return whether a file starts as a snapshot does}
   *
   * @param file the file
   */
  public static boolean isSnapshot(Path file) {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.equals(MAGIC, in.readNBytes(MAGIC.length));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Restores a run.
   *
   * @param file the file
   * @return a simulator in the saved state, its observers not set
   * @throws SnapshotException if the file is damaged, of another version, or no snapshot
   * @throws IOException if it cannot be read
   */
  public static Simulator read(Path file) throws IOException {
    return read(file, config -> Engine.FAST_FORWARD);
  }

  /**
   * Restores a run, which any engine may continue.
   *
   * @param file the file
   * @param engine the one for a machine
   * @return a simulator in the saved state, its observers not set
   * @throws SnapshotException if the file is damaged, of another version, or no snapshot
   * @throws IOException if it cannot be read
   */
  public static Simulator read(Path file, Function<TataaConfig, Engine> engine) throws IOException {
    byte[] content = Files.readAllBytes(file);
    if (content.length < MAGIC.length
        || !Arrays.equals(MAGIC, Arrays.copyOf(content, MAGIC.length))) {
      throw new SnapshotException(file + ": is not a tataa snapshot");
    }
    if (content.length < HEADER_BYTES) {
      throw new SnapshotException(file + ": damaged, ends after " + content.length + " bytes");
    }
    ByteBuffer header = ByteBuffer.wrap(content, MAGIC.length, HEADER_BYTES - MAGIC.length);
    int version = header.getInt();
    if (version != VERSION) {
      throw new SnapshotException(
          file + ": snapshot of version " + version + ", expected version " + VERSION);
    }
    byte[] digest = new byte[DIGEST_BYTES];
    header.get(digest);
    byte[] body = Arrays.copyOfRange(content, HEADER_BYTES, content.length);
    if (!MessageDigest.isEqual(digest, digest(body))) {
      throw new SnapshotException(file + ": damaged, its contents do not match their digest");
    }
    try {
      return decode(body, engine);
    } catch (IOException
        | UncheckedIOException
        | IllegalArgumentException
        | InstructionFormatException
        | ScanException e) {
      throw new SnapshotException(file + ": cannot be restored: " + e.getMessage());
    }
  }

  private static byte[] encode(Simulator simulator) throws IOException {
    if (simulator.sharesMemory()) {
      throw new IllegalArgumentException(
          "a snapshot of " + simulator.coreCount() + " cores on one memory, expected one for each");
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    try (DataOutputStream out =
        new DataOutputStream(
            new BufferedOutputStream(new DeflaterOutputStream(bytes, deflater), 1 << 16))) {
      writeBlock(out, MAPPER.writeValueAsBytes(simulator.config()));
      out.writeLong(simulator.cycleLimit());
      for (int i = 0; i < simulator.coreCount(); i++) {
        writeBlock(out, simulator.core(i).controller().program().toBytes());
      }
      simulator.scan(new ScanOut(out));
      for (int i = 0; i < simulator.coreCount(); i++) {
        writePages(out, simulator.memory(i));
      }
    } finally {
      deflater.end();
    }
    return bytes.toByteArray();
  }

  private static Simulator decode(byte[] body, Function<TataaConfig, Engine> engine)
      throws IOException {
    try (DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(
                new InflaterInputStream(new ByteArrayInputStream(body)), 1 << 16))) {
      TataaConfig config = MAPPER.readValue(readBlock(in, MOST_CONFIG_BYTES), TataaConfig.class);
      if (config == null) {
        throw new IOException("there is no machine in it");
      }
      long cycleLimit = in.readLong();
      Encoding encoding = Encoding.of(config);
      List<Program> programs = new ArrayList<>();
      for (int i = 0; i < config.cores(); i++) {
        programs.add(
            Program.fromBytes(readBlock(in, Assembler.MAX_INSTRUCTIONS * Long.BYTES), encoding));
      }
      Simulator simulator =
          new Simulator(
              config,
              programs,
              cycleLimit,
              new HostOptions(engine.apply(config), HostOptions.DEFAULT.threads()),
              false);
      simulator.scan(new ScanIn(in));
      for (int i = 0; i < simulator.coreCount(); i++) {
        readPages(in, simulator.memory(i));
      }
      if (in.read() >= 0) {
        throw new IOException("bytes follow the last memory page");
      }
      return simulator;
    }
  }

  private static void writeBlock(DataOutputStream out, byte[] block) throws IOException {
    out.writeInt(block.length);
    out.write(block);
  }

  private static byte[] readBlock(DataInputStream in, int most) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > most) {
      throw new IOException("block of " + length + " bytes, expected at most " + most);
    }
    byte[] block = in.readNBytes(length);
    if (block.length != length) {
      throw new IOException("block of " + length + " bytes ends after " + block.length);
    }
    return block;
  }

  private static void writePages(DataOutputStream out, ExternalMemory memory) throws IOException {
    ByteArrayOutputStream page = new ByteArrayOutputStream(PAGE_BYTES);
    int total = memory.config().totalBytes();
    for (int from = 0; from < total; from += PAGE_BYTES) {
      int count = Math.min(PAGE_BYTES, total - from);
      page.reset();
      memory.scan(new ScanOut(page), from, count);
      if (!isZero(page.toByteArray())) {
        out.writeInt(from);
        page.writeTo((OutputStream) out);
      }
    }
    out.writeInt(-1);
  }

  private static boolean isZero(byte[] bytes) {
    for (byte b : bytes) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private static void readPages(DataInputStream in, ExternalMemory memory) throws IOException {
    int total = memory.config().totalBytes();
    ScanIn chain = new ScanIn(in);
    int last = -1;
    for (int from = in.readInt(); from >= 0; from = in.readInt()) {
      if (from >= total) {
        throw new IOException("page at " + from + " is outside a memory of " + total + " bytes");
      }
      if (from <= last) {
        throw new IOException("page at " + from + " follows the page at " + last);
      }
      last = from;
      memory.scan(chain, from, Math.min(PAGE_BYTES, total - from));
    }
  }

  private static byte[] digest(byte[] body) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(body);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
