package org.tataa.pipeline;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.ModelFormatException;

/**
 * Reads images as a card says: pictures (PNG and what else the platform reads), and arrays ({@code
 * .npy}) of {@code [height][width]}, {@code [channels][height][width]} or {@code
 * [height][width][channels]}, bytes of 0..255 or numbers of 0..1.
 *
 * <p>Colours become grey by their luminance (ITU-R BT.601) if the model takes one channel, grey is
 * repeated if it takes three; what is transparent is black. An image of another size is resampled:
 * each new pixel is the mean of the area it covers.
 */
public final class ImageFile {
  /** Pixels of the largest picture that is read: those of 8192 x 4096. */
  public static final long MOST_PIXELS = 1L << 25;

  private static final List<String> ENDINGS = List.of(".png", ".npy", ".jpg", ".jpeg", ".bmp");

  // Planes of values 0..1, [channels][height][width].
  private record Planes(List<double[]> values, int height, int width) {}

  private ImageFile() {}

  /**
   * Files of images: the file itself, or those in a folder in the order of their names.
   *
   * @throws ModelFormatException if a folder has none, or cannot be read
   */
  public static List<Path> in(Path fileOrFolder) {
    if (!Files.isDirectory(fileOrFolder)) {
      return List.of(fileOrFolder);
    }
    try (Stream<Path> all = Files.list(fileOrFolder)) {
      List<Path> files = all.filter(ImageFile::isImage).sorted().toList();
      if (files.isEmpty()) {
        throw new ModelFormatException(
            fileOrFolder + ": no images in this folder, expected files *" + ENDINGS);
      }
      return files;
    } catch (IOException e) {
      throw new ModelFormatException(fileOrFolder + ": cannot be read: " + e);
    }
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return ENDINGS.stream().anyMatch(name::endsWith);
  }

  /**
   * Reads an image.
   *
   * @param isInverted whether dark and bright change places, before all else
   * @return the model's input
   * @throws ModelFormatException if the file is missing or no image, or if a picture has more than
   *     {@link #MOST_PIXELS}
   */
  public static NdTensor read(Path file, ImageCard card, boolean isInverted) {
    boolean isArray = file.toString().toLowerCase(Locale.ROOT).endsWith(".npy");
    Planes planes = isArray ? array(file, NpyFile.read(file)) : picture(file);
    double[] all = new double[card.channels() * card.height() * card.width()];
    int plane = card.height() * card.width();
    for (int channel = 0; channel < card.channels(); channel++) {
      double[] values = resampled(channel(planes, channel, card.channels()), planes, card);
      for (int i = 0; i < plane; i++) {
        all[channel * plane + i] = isInverted ? 1 - values[i] : values[i];
      }
    }
    return card.input(all);
  }

  private static Planes picture(Path file) {
    BufferedImage image;
    if (!Files.exists(file)) {
      throw new ModelFormatException(file + ": no such file");
    }
    try {
      image = decoded(file);
    } catch (ModelFormatException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // of a broken file, either
      throw new ModelFormatException(file + ": cannot be read: " + e.getMessage());
    }
    int width = image.getWidth();
    int height = image.getHeight();
    if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
      return new Planes(List.of(grey(image)), height, width);
    }
    double[][] values = new double[3][height * width];
    for (int i = 0; i < height * width; i++) {
      int argb = image.getRGB(i % width, i / width);
      double opaque = (argb >>> 24) / 255.0;
      for (int channel = 0; channel < 3; channel++) {
        values[channel][i] = opaque * (argb >> 8 * (2 - channel) & 255) / 255.0;
      }
    }
    return new Planes(List.of(values), height, width);
  }

  // The sizes are read first: a few bytes may claim to be gigabytes of pixels.
  private static BufferedImage decoded(Path file) throws IOException {
    try (ImageInputStream stream = ImageIO.createImageInputStream(file.toFile())) {
      if (stream == null) {
        throw new IOException("it is no file");
      }
      Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
      if (!readers.hasNext()) {
        throw new ModelFormatException(file + ": no image, expected PNG or .npy");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(stream, true, true);
        long width = reader.getWidth(0);
        long height = reader.getHeight(0);
        if (width < 1 || height < 1 || width * height > MOST_PIXELS) {
          throw new ModelFormatException(
              file
                  + ": "
                  + width
                  + " x "
                  + height
                  + " pixels, expected at least one and at most "
                  + MOST_PIXELS);
        }
        return reader.read(0);
      } finally {
        reader.dispose();
      }
    }
  }

  // Levels as they are in the file: the platform takes them for linear light and brightens them.
  private static double[] grey(BufferedImage image) {
    ColorModel form = image.getColorModel();
    Raster raster = image.getRaster();
    int alpha = form.hasAlpha() ? raster.getNumBands() - 1 : 0;
    double[] values = new double[image.getHeight() * image.getWidth()];
    for (int i = 0; i < values.length; i++) {
      int x = i % image.getWidth();
      int y = i / image.getWidth();
      values[i] = raster.getSample(x, y, 0) / (Math.pow(2, form.getComponentSize(0)) - 1);
      if (alpha > 0) {
        values[i] *=
            raster.getSample(x, y, alpha) / (Math.pow(2, form.getComponentSize(alpha)) - 1);
      }
    }
    return values;
  }

  private static Planes array(Path file, NdTensor array) {
    int rank = array.rank();
    boolean isLast = rank == 3 && isChannels(array.dim(2)) && !isChannels(array.dim(0));
    if (rank < 2 || rank > 3 || (rank == 3 && !isLast && !isChannels(array.dim(0)))) {
      throw new ModelFormatException(
          file + ": " + array.withoutData() + ", expected [height][width], with 1 or 3 channels");
    }
    int channels = rank == 2 ? 1 : array.dim(isLast ? 2 : 0);
    int height = array.dim(rank == 2 || isLast ? 0 : 1);
    int width = array.dim(rank == 2 || isLast ? 1 : 2);
    if (height == 0 || width == 0) {
      throw new ModelFormatException(file + ": " + array.withoutData() + " has no pixels");
    }
    boolean isFloat = array.type() == ElementType.FLOAT;
    double[][] values = new double[channels][height * width];
    for (int channel = 0; channel < channels; channel++) {
      for (int i = 0; i < height * width; i++) {
        int at = isLast ? i * channels + channel : channel * height * width + i;
        double value = isFloat ? array.floats()[at] : array.longs()[at] / 255.0;
        if (!(value >= 0 && value <= 1)) {
          throw new ModelFormatException(
              file + ": value " + value + ", expected bytes of 0..255 or numbers of 0..1");
        }
        values[channel][i] = value;
      }
    }
    return new Planes(List.of(values), height, width);
  }

  private static boolean isChannels(int size) {
    return size == 1 || size == 3;
  }

  private static double[] channel(Planes of, int channel, int channels) {
    if (of.values().size() == 1) {
      return of.values().get(0);
    }
    if (channels == 3) {
      return of.values().get(channel);
    }
    double[] grey = new double[of.height() * of.width()];
    for (int i = 0; i < grey.length; i++) {
      List<double[]> colours = of.values();
      grey[i] = 0.299 * colours.get(0)[i] + 0.587 * colours.get(1)[i] + 0.114 * colours.get(2)[i];
    }
    return grey;
  }

  private static double[] resampled(double[] values, Planes of, ImageCard card) {
    if (of.height() == card.height() && of.width() == card.width()) {
      return values;
    }
    double down = (double) of.height() / card.height();
    double right = (double) of.width() / card.width();
    double[] result = new double[card.height() * card.width()];
    for (int y = 0; y < card.height(); y++) {
      for (int x = 0; x < card.width(); x++) {
        double sum = 0;
        for (int row = (int) (y * down); row < Math.min(of.height(), (y + 1) * down); row++) {
          double share = Math.min(row + 1, (y + 1) * down) - Math.max(row, y * down);
          for (int at = (int) (x * right); at < Math.min(of.width(), (x + 1) * right); at++) {
            double covered = Math.min(at + 1, (x + 1) * right) - Math.max(at, x * right);
            sum += share * covered * values[row * of.width() + at];
          }
        }
        result[y * card.width() + x] = sum / (down * right);
      }
    }
    return result;
  }
}
