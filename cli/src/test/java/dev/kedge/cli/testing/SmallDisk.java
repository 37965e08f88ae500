package dev.kedge.cli.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system of its own with little room, in memory; mounting it needs root. */
public final class SmallDisk implements AutoCloseable {
  private final Path path;

  private SmallDisk(Path path) {
    this.path = path;
  }

  /** Mounts a new one at a new directory. */
  public static SmallDisk mount(Path path, int sizeBytes) {
    try {
      Files.createDirectory(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Programs.run("mount", "-t", "tmpfs", "-o", "size=" + sizeBytes, "kedge-test", path.toString());
    return new SmallDisk(path);
  }

  /** Where it is mounted. */
  public Path path() {
    return path;
  }

  /** How much more it can hold. */
  public long freeBytes() throws IOException {
    return Files.getFileStore(path).getUsableSpace();
  }

  /** Makes it larger. */
  public void grow(int sizeBytes) {
    Programs.run("mount", "-o", "remount,size=" + sizeBytes, path.toString());
  }

  /** Nothing can be written to it any more. */
  public void makeReadOnly() {
    Programs.run("mount", "-o", "remount,ro", path.toString());
  }

  @Override
  public String toString() {
    return path.toString();
  }

  @Override
  public void close() {
    Programs.run("umount", path.toString());
  }
}
