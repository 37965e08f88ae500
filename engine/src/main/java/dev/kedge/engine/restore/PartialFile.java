package dev.kedge.engine.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A file that gets its name when it is whole. Until then it is {@code NAME.kedge-partial}, locked;
 * one that an interrupted restore left is taken over by the next.
 */
final class PartialFile implements AutoCloseable {
  private final Path file;
  private final Path partial;
  private final FileChannel channel;
  private boolean committed;

  PartialFile(Path file) throws IOException {
    this.file = file.toAbsolutePath();
    this.partial = this.file.resolveSibling(this.file.getFileName() + ".kedge-partial");
    requireFolder();
    this.channel =
        FileChannel.open(
            partial,
            java.util.Set.of(
                StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      lock();
      channel.truncate(0);
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  private void requireFolder() {
    Path folder = file.getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      throw new KedgeException(
          ErrorCode.NOT_FOUND, "cannot restore to " + file + ": there is no folder " + folder);
    }
  }

  private void lock() throws IOException {
    boolean locked;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      locked = false;
    }
    if (!locked) {
      throw new KedgeException(
          ErrorCode.BUSY, "another restore is writing " + partial + "; wait for it to end");
    }
  }

  FileChannel channel() {
    return channel;
  }

  /** Makes the content durable and gives the file its name, replacing what was there. */
  void commit() throws IOException {
    channel.force(true);
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    committed = true;
    Path folder = file.getParent();
    if (folder != null) {
      try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
  }

  @Override
  public void close() {
    try {
      if (!committed) {
        Files.deleteIfExists(partial);
      }
      channel.close();
    } catch (IOException e) {
      // What is left is named as partial, and the next restore to this name takes it over.
      return;
    }
  }
}
