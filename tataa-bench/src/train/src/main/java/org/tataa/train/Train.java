package org.tataa.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.tataa.pipeline.TextTokenizer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains the models that come with the simulator: {@code vit} and {@code gpt}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    subcommands = {Train.Vision.class, Train.Text.class})
public final class Train {
  private static final PrintStream OUT = System.out;

  private Train() {}

  /** Trains; see {@code --help}. */
  public static void main(String[] arguments) {
    // One thread adds up in one order.
    System.setProperty("ai.djl.pytorch.num_threads", "1");
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    System.setProperty("ai.djl.offline", "true");
    CommandLine line = new CommandLine(new Train());
    line.setExecutionExceptionHandler(Train::handle);
    System.exit(line.execute(arguments));
  }

  // A file that cannot be read or written is two lines, not a stack trace.
  private static int handle(Exception e, CommandLine line, CommandLine.ParseResult parsed)
      throws Exception {
    if (e instanceof IOException) {
      line.getErr().println("train: error: " + e);
      line.getErr().println("train: paths are relative to " + Path.of("").toAbsolutePath());
      return 3;
    }
    throw e;
  }

  /** What both have. */
  abstract static class Job implements Callable<Integer> {
    @Option(names = "--out", paramLabel = "DIR", defaultValue = "target", description = "Where.")
    Path out = Path.of("target");

    @Option(names = "--seed", defaultValue = "1", description = "Of weights and of the order.")
    long seed = 1;

    @Option(names = "--steps", defaultValue = "0", description = "Batches; 0: as shipped.")
    int steps;

    void write(Network network, String file) throws IOException {
      Files.createDirectories(out);
      Path path = out.resolve(file);
      Files.write(path, network.onnx().toByteArray());
      OUT.printf(Locale.ROOT, "%s: %d bytes%n", path, Files.size(path));
    }
  }

  /** A vision transformer on fashion-mnist. */
  @Command(name = "vit", mixinStandardHelpOptions = true)
  static final class Vision extends Job {
    private static final int BATCH = 32;
    private static final int STEPS = 7000;
    private static final int TESTED = 250;
    private static final int SAMPLES = 48;

    @Option(
        names = "--images",
        paramLabel = "DIR",
        defaultValue = "/usr/share/datasets/fashion-mnist",
        description = "The four files of fashion-mnist.")
    private Path images = Path.of(".");

    @Override
    public Integer call() throws IOException {
      FashionImages known = FashionImages.read(images, "train");
      FashionImages test = FashionImages.read(images, "t10k");
      try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
        VisionNetwork network = new VisionNetwork(manager, seed);
        OUT.println(network.parameters().size() + " parameters");
        new Trainer(steps == 0 ? STEPS : steps, 2e-3, 0.05)
            .train(network, known.batches(BATCH, seed), OUT);
        write(network, "vit-fashion.onnx");
        known.write(out.resolve("vit-fashion-images-idx3-ubyte.gz"), SAMPLES);
        int right = 0;
        for (int from = 0; from < test.count(); from += TESTED) {
          try (NDManager part = manager.newSubManager()) {
            NDArray[] batch = test.batch(part, from, TESTED);
            batch[0].attach(part);
            long[] classes = network.logits(batch[0]).argMax(1).toLongArray();
            for (int i = 0; i < TESTED; i++) {
              right += classes[i] == test.label(from + i) ? 1 : 0;
            }
          }
        }
        OUT.printf(Locale.ROOT, "test accuracy %.4f%n", (double) right / test.count());
      }
      return 0;
    }
  }

  /** A decoder on the King James Bible. */
  @Command(name = "gpt", mixinStandardHelpOptions = true)
  static final class Text extends Job {
    private static final int BATCH = 4;
    private static final int LENGTH = 256;
    private static final int STEPS = 2000;

    // Tokens of a line; no verse has as many.
    private static final int LONGEST = 512;

    @Option(
        names = "--text",
        paramLabel = "FILE",
        required = true,
        description = "What `bible -f gen1:1-rev22:21` of Debian's bible-kjv prints.")
    private Path text = Path.of(".");

    @Override
    public Integer call() throws IOException {
      Verses verses = Verses.read(text);
      Files.createDirectories(out);
      Path vocabulary = out.resolve("gpt-small-tokenizer.json");
      BytePairs.learn(verses.learnt(), TextNetwork.VOCABULARY).write(vocabulary);
      Files.writeString(out.resolve("gpt-small-unseen.txt"), String.join("", verses.unseen()));
      Files.writeString(out.resolve("gpt-small-learnt.txt"), String.join("", verses.samples()));
      long[] learnt;
      long[] tested;
      try (TextTokenizer tokenizer = TextTokenizer.read(vocabulary, LONGEST)) {
        learnt = tokens(tokenizer, verses.learnt());
        tested = tokens(tokenizer, verses.unseen());
      }
      OUT.printf(Locale.ROOT, "%d tokens, %d of them unseen%n", learnt.length, tested.length);
      try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
        TextNetwork network = new TextNetwork(manager, seed, LENGTH);
        OUT.println(network.parameters().size() + " parameters");
        Random random = new Random(seed);
        new Trainer(steps == 0 ? STEPS : steps, 4e-3, 0.05)
            .train(
                network,
                part -> {
                  int[] starts = random.ints(BATCH, 0, learnt.length - LENGTH).toArray();
                  return batch(part, learnt, starts);
                },
                OUT);
        write(network, "gpt-small.onnx");
        double sum = 0;
        int count = 0;
        for (int from = 0; from + LENGTH < tested.length; from += LENGTH) {
          try (NDManager part = manager.newSubManager()) {
            NDArray[] batch = batch(part, tested, from);
            sum += Trainer.loss(network.logits(batch[0]), batch[1]).getFloat();
            count++;
          }
        }
        OUT.printf(Locale.ROOT, "perplexity of unseen text %.3f%n", Math.exp(sum / count));
      }
      return 0;
    }

    private static long[] tokens(TextTokenizer tokenizer, List<String> texts) {
      return texts.stream()
          .flatMap(String::lines)
          .flatMapToLong(line -> LongStream.of(tokenizer.encode(line + "\n")))
          .toArray();
    }

    private static NDArray[] batch(NDManager manager, long[] tokens, int... starts) {
      long[] given = new long[starts.length * LENGTH];
      long[] wanted = new long[given.length];
      for (int i = 0; i < starts.length; i++) {
        System.arraycopy(tokens, starts[i], given, i * LENGTH, LENGTH);
        System.arraycopy(tokens, starts[i] + 1, wanted, i * LENGTH, LENGTH);
      }
      return new NDArray[] {
        manager.create(given, new Shape(starts.length, LENGTH)), manager.create(wanted)
      };
    }
  }
}
