package org.tataa.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.debug.Signal;
import org.tataa.debug.Signals;
import org.tataa.explore.EnergyTable;
import org.tataa.explore.Sweep;
import org.tataa.explore.SweepSpec;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.isa.Assembler;
import org.tataa.isa.AssemblyException;
import org.tataa.isa.Disassembler;
import org.tataa.isa.InstructionFormatException;
import org.tataa.isa.Program;
import org.tataa.onnx.ModelFormatException;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.IdxFile;
import org.tataa.pipeline.ImageCard;
import org.tataa.pipeline.ImageFile;
import org.tataa.pipeline.NpyFile;
import org.tataa.pipeline.TextTokenizer;
import org.tataa.quant.Calibration;
import org.tataa.quant.CalibrationException;
import org.tataa.sim.Simulator;
import org.tataa.sim.Snapshot;
import org.tataa.sim.SnapshotException;
import org.tataa.task.FileReadings;

/**
 * Everything that is read from files or options, how it is read, and the exceptions that the reader
 * documents. Seeds are in {@code src/test/resources/fuzz}, a folder for each.
 */
@SuppressWarnings("ImmutableEnumChecker") // Sets and readers that nobody changes.
public enum InputKind {
  /** A program file. */
  WORDS(false, 200, Set.of(InstructionFormatException.class), InputKind::words),

  /** Assembly text. */
  ASSEMBLY(true, 3000, Set.of(AssemblyException.class), InputKind::assembly),

  /** A model file and the shapes of its values. */
  ONNX(
      false,
      4000,
      Set.of(ModelFormatException.class, GraphException.class),
      InputKind::importModel),

  /** A Hugging Face tokenizer. */
  TOKENIZER(true, 1000, Set.of(ModelFormatException.class), InputKind::tokenizer),

  /** Ranges of values. */
  CALIBRATION(
      true,
      200,
      Set.of(CalibrationException.class),
      input -> Calibration.of(new String(input, UTF_8), "calibration").entry("a", 2)),

  /** A table of energies. */
  ENERGY(
      true,
      200,
      Set.of(IllegalArgumentException.class),
      input -> EnergyTable.parse(new String(input, UTF_8)).toJson()),

  /** What a model takes for images. */
  CARD(
      true,
      200,
      Set.of(ModelFormatException.class),
      input -> ImageCard.of(new String(input, UTF_8), "card")),

  /** An array. */
  NPY(
      false,
      200,
      Set.of(ModelFormatException.class),
      input -> NpyFile.read(file(input, "input.npy"))),

  /** A picture. */
  PICTURE(
      false,
      1600,
      Set.of(ModelFormatException.class),
      input -> ImageFile.read(file(withChecksums(input), "input.png"), card(), false)),

  /** An array of an image, whose shape is checked. */
  IMAGE_ARRAY(
      false,
      200,
      Set.of(ModelFormatException.class),
      input -> ImageFile.read(file(input, "image.npy"), card(), false)),

  /** Images and labels as data sets have them, before they are packed. */
  IDX(
      false,
      200,
      Set.of(ModelFormatException.class),
      input -> IdxFile.read(file(packed(input), "input.gz"))),

  /** A run, before it is packed and has its digest. */
  SNAPSHOT(false, 1000, Set.of(SnapshotException.class), InputKind::snapshot),

  /** What a sweep runs. */
  SWEEP(
      true,
      400,
      Set.of(IllegalArgumentException.class),
      input -> SweepSpec.parse(new String(input, UTF_8))),

  /** Rows that a sweep finds, in its file and in its journal. */
  ROWS(
      true,
      400,
      Set.of(IllegalArgumentException.class, UncheckedIOException.class),
      InputKind::rows),

  /** Readings that a task finds. */
  READINGS(
      false,
      200,
      Set.of(UncheckedIOException.class),
      input -> new FileReadings(file(input, "m-s.readings").getParent()).find("m", "s", Map.of())),

  /** Names of registers: what is recorded in waveforms, printed by the debugger. */
  SIGNALS(true, 400, Set.of(IllegalArgumentException.class), InputKind::signals);

  /** Reads an input. */
  private interface Reader {
    void read(byte[] input) throws IOException;
  }

  private final boolean isText;
  private final int mostMegabytes;
  private final Set<Class<? extends Exception>> documented;
  private final Reader reader;

  InputKind(
      boolean isText,
      int mostMegabytes,
      Set<Class<? extends Exception>> documented,
      Reader reader) {
    this.isText = isText;
    this.mostMegabytes = mostMegabytes;
    this.documented = documented;
    this.reader = reader;
  }

  /** Whether it is made of words and numbers. */
  boolean isText() {
    return isText;
  }

  /** Bytes that reading an input of a few kilobytes may allocate altogether. */
  long mostBytes() {
    return (long) mostMegabytes << 20;
  }

  /**
   * Reads an input.
   *
   * @return whether it was accepted; false if it was refused as documented
   */
  boolean read(byte[] input) {
    try {
      reader.read(input);
      return true;
    } catch (RuntimeException | IOException e) {
      if (documented.stream().noneMatch(type -> type.isInstance(e))) {
        throw e instanceof RuntimeException failure ? failure : new IllegalStateException(e);
      }
      if (String.valueOf(e.getMessage()).isBlank()) {
        throw new AssertionError("no message", e);
      }
      return false;
    }
  }

  /** Inputs to begin with. */
  List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    String folder = "/fuzz/" + name().toLowerCase(Locale.ROOT);
    URL url = InputKind.class.getResource(folder);
    if (url == null) {
      throw new IllegalStateException(folder + " is missing");
    }
    try (Stream<Path> files = Files.list(Path.of(url.toURI()))) {
      for (Path file : files.sorted().toList()) {
        seeds.add(Files.readAllBytes(file));
      }
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    return seeds;
  }

  private static ImageCard card() {
    return new ImageCard(3, 2, List.of(0.5), List.of(0.5), List.of());
  }

  /** A folder of this process, in memory where there is such a file system. */
  private static final class Folder {
    private static final Path PATH = make();

    private static Path make() {
      Path memory = Path.of("/dev/shm");
      try {
        Path folder =
            Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "tataa-fuzz")
                : Files.createTempDirectory("tataa-fuzz");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
        return folder;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void delete(Path folder) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
        Files.delete(folder);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static Path file(byte[] content, String name) throws IOException {
    return Files.write(Folder.PATH.resolve(name), content);
  }

  private static void words(byte[] input) {
    Program program = Program.fromBytes(input);
    if (!Program.fromBytes(program.toBytes()).equals(program)) {
      throw new AssertionError("other words");
    }
  }

  private static void assembly(byte[] input) {
    Program program = Assembler.assemble(new String(input, UTF_8), "text");
    if (program.size() < 10_000
        && !Assembler.assemble(Disassembler.disassemble(program), "again").equals(program)) {
      throw new AssertionError("the program reads otherwise");
    }
  }

  private static void importModel(byte[] input) {
    try {
      importAndEvaluate(input);
    } catch (OutOfMemoryError e) {
      // Many large results one by one; the command line says so, and how to give it more.
      throw new GraphException(String.valueOf(e.getMessage()));
    }
  }

  private static void importAndEvaluate(byte[] input) {
    OnnxImporter.Model model = OnnxImporter.read(new ByteArrayInputStream(input), "model");
    Map<String, NdTensor> shapes = new LinkedHashMap<>();
    for (Graph.Input one : model.graph().inputs()) {
      int[] shape = one.dims().stream().mapToInt(dim -> dim < 0 ? 1 : dim).toArray();
      shapes.put(one.name(), NdTensor.unknown(one.type(), shape));
    }
    Graph folded = new Evaluator(model.graph(), model.opset()).folded(shapes);
    new Evaluator(folded, model.opset()).all(shapes);
  }

  private static void tokenizer(byte[] input) throws IOException {
    try (TextTokenizer tokenizer = TextTokenizer.read(file(input, "tokenizer.json"), 16)) {
      tokenizer.decode(tokenizer.encode("A text, of five words."));
    }
  }

  private static void snapshot(byte[] input) throws IOException {
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(deflated)) {
      out.write(input);
    }
    byte[] digest;
    try {
      digest = MessageDigest.getInstance("SHA-256").digest(deflated.toByteArray());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    ByteBuffer whole = ByteBuffer.allocate(44 + deflated.size());
    whole.put("TATAASNP".getBytes(UTF_8)).putInt(Snapshot.VERSION).put(digest);
    whole.put(deflated.toByteArray());
    Simulator restored = Snapshot.read(file(whole.array(), "run.snapshot"));
    if (restored.coreCount() < 1) {
      throw new AssertionError("no core");
    }
  }

  // A machine that cannot be is refused at once, so that nothing is simulated.
  private static void rows(byte[] input) throws IOException {
    SweepSpec spec = SweepSpec.parse("models: [deit-tiny-2]\nconfigurations: [{cores: 0}]\n");
    boolean isJournal = input.length > 0 && (input[input.length - 1] & 1) == 0;
    Files.deleteIfExists(Folder.PATH.resolve("rows.csv"));
    Files.deleteIfExists(Folder.PATH.resolve("rows.csv.part"));
    file(input, isJournal ? "rows.csv.part" : "rows.csv");
    new Sweep(spec, EnergyTable.of(EnergyTable.ASIC))
        .run(Folder.PATH.resolve("rows.csv"), 1, (done, of) -> {});
  }

  private static void signals(byte[] input) {
    String text = new String(input, UTF_8);
    TataaCore core = Simulator.builder(TataaConfig.tiny().withCores(1)).build().core(0);
    Signals signals = new Signals(core.config());
    for (String name : text.split("\n")) {
      try {
        signals.show(core, name);
      } catch (IllegalArgumentException e) {
        for (Signal signal : signals.matching(name)) {
          signal.read(core);
        }
      }
    }
  }

  private static byte[] packed(byte[] input) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(input);
    }
    return bytes.toByteArray();
  }

  /** A PNG whose chunks have the checksums of their contents; anything else as it is. */
  private static byte[] withChecksums(byte[] input) {
    byte[] png = input.clone();
    ByteBuffer buffer = ByteBuffer.wrap(png);
    if (png.length < 8 || !new String(png, 1, 3, ISO_8859_1).equals("PNG")) {
      return png;
    }
    int at = 8;
    while (at + 12 <= png.length) {
      long length = buffer.getInt(at) & 0xffffffffL;
      if (at + 12 + length > png.length) {
        break;
      }
      CRC32 crc = new CRC32();
      crc.update(png, at + 4, 4 + (int) length);
      buffer.putInt(at + 8 + (int) length, (int) crc.getValue());
      at += 12 + (int) length;
    }
    return png;
  }
}
