package dev.kedge.repository.s3;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The first part of an object, which waits for the header while all others are sent: in a temporary
 * file that has no name any more, so that it takes no memory for so long, and in memory where no
 * file can be had. Not thread-safe.
 */
final class HeldPart implements AutoCloseable {
  private static final Path FOLDER = Path.of(System.getProperty("java.io.tmpdir"));

  private final PartUploader uploader;
  private final @Nullable FileChannel file;
  private final int lengthBytes;
  private @Nullable PartBuffer inMemory;

  private HeldPart(
      PartUploader uploader,
      @Nullable FileChannel file,
      int lengthBytes,
      @Nullable PartBuffer inMemory) {
    this.uploader = uploader;
    this.file = file;
    this.lengthBytes = lengthBytes;
    this.inMemory = inMemory;
  }

  /** Takes over a part of this uploader. */
  static HeldPart hold(PartBuffer part, PartUploader uploader) {
    return hold(part, uploader, FOLDER);
  }

  static HeldPart hold(PartBuffer part, PartUploader uploader, Path folder) {
    int lengthBytes = part.lengthBytes();
    FileChannel file = null;
    try {
      file = unnamedFile(folder);
      part.writeTo(file);
    } catch (IOException e) {
      close(file);
      return new HeldPart(uploader, null, lengthBytes, part);
    }
    uploader.giveBack(part);
    return new HeldPart(uploader, file, lengthBytes, null);
  }

  /** Only its owner reads it, and its content is gone however this process ends. */
  private static FileChannel unnamedFile(Path folder) throws IOException {
    Path name = Files.createTempFile(folder, "kedge-", ".part");
    try {
      return FileChannel.open(name, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } finally {
      Files.delete(name);
    }
  }

  /** Gives the part back, once, as it was. */
  PartBuffer take() {
    FileChannel from = file;
    if (from == null) {
      PartBuffer part = inMemory;
      if (part == null) {
        throw new IllegalStateException("the part was taken");
      }
      inMemory = null;
      return part;
    }
    PartBuffer part = uploader.take();
    try {
      part.readFrom(from, lengthBytes);
    } catch (IOException e) {
      uploader.giveBack(part);
      throw new KedgeException(
          ErrorCode.FAILED,
          "the start of an upload cannot be read back from a temporary file in " + FOLDER,
          e);
    }
    close(from);
    return part;
  }

  @Override
  public void close() {
    close(file);
    if (inMemory != null) {
      uploader.giveBack(inMemory);
      inMemory = null;
    }
  }

  private static void close(@Nullable FileChannel file) {
    if (file == null) {
      return;
    }
    try {
      file.close();
    } catch (IOException e) {
      // Nothing of it is wanted any more.
      return;
    }
  }
}
