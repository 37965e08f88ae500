package dev.kedge.cli.testing;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.random.RandomGenerator;

/** Something bad that has happened to a file; closing undoes it. */
public final class Damage implements AutoCloseable {
  private interface Action {
    void run() throws IOException;
  }

  private final String description;
  private final Action undo;

  private final List<Path> files;

  private Damage(String description, Action happen, Action undo, Path... files) {
    this.description = description;
    this.undo = undo;
    this.files = List.of(files);
    run(happen);
  }

  /** Some bits of one byte are others. */
  public static Damage flip(Path file, long offset, RandomGenerator random) {
    int bits = 1 + random.nextInt(255);
    Action flip = () -> flip(file, offset, bits);
    return new Damage(
        "byte %d of %s xor 0x%02x".formatted(offset, file.getFileName(), bits), flip, flip, file);
  }

  private static void flip(Path file, long offset, int bits) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(offset);
      int before = access.read();
      access.seek(offset);
      access.write(before ^ bits);
    }
  }

  /** The file is shorter, or ends in zeroes that were not there. */
  public static Damage resize(Path file, long lengthBytes) {
    byte[] before = content(file);
    return new Damage(
        "%s cut to %d of %d bytes".formatted(file.getFileName(), lengthBytes, before.length),
        () -> {
          try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.setLength(lengthBytes);
          }
        },
        () -> Files.write(file, before),
        file);
  }

  /** The file is gone. */
  public static Damage delete(Path file) {
    byte[] before = content(file);
    return new Damage(
        file.getFileName() + " deleted",
        () -> Files.delete(file),
        () -> Files.write(file, before),
        file);
  }

  /** A file that nobody asked for is there. */
  public static Damage add(Path file, String content) {
    return new Damage(
        file.getFileName() + " added",
        () -> Files.writeString(file, content),
        () -> Files.delete(file),
        file);
  }

  /** Two files have each other's name. */
  public static Damage swap(Path one, Path other) {
    Path aside = one.resolveSibling("aside");
    Action swap =
        () -> {
          Files.move(one, aside);
          Files.move(other, one);
          Files.move(aside, other, StandardCopyOption.ATOMIC_MOVE);
        };
    return new Damage(
        one.getFileName() + " and " + other.getFileName() + " swapped", swap, swap, one, other);
  }

  private static byte[] content(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void run(Action action) {
    try {
      action.run();
      files.forEach(BucketFolder::changed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return description;
  }

  @Override
  public void close() {
    run(undo);
  }
}
