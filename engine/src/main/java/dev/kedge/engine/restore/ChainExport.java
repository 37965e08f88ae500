package dev.kedge.engine.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.DataFailure;
import dev.kedge.engine.Progress;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.ObjectInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Copies the QCOW2 files of a restore point and of those it builds on into a folder, byte by byte
 * as they were before encryption; each names the next as its backing file. A file gets its name
 * when it is whole, the restore point's own comes last, and what fails leaves none. One use, one
 * thread.
 */
public final class ChainExport {
  private static final int BUFFER_BYTES = 1 << 20;

  private final ImageStore store;
  private final UUID point;
  private final Progress progress;
  private final CancelToken cancel;
  private final List<Path> written = new ArrayList<>();

  /** An export of this point with its ancestors. */
  public ChainExport(ImageStore store, UUID point, Progress progress, CancelToken cancel) {
    this.store = store;
    this.point = point;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Writes the files.
   *
   * @param folder where to; made if its parent exists
   * @return the files, the restore point's own first
   * @throws KedgeException REFUSED where one of them exists and is not to be overwritten,
   *     VERIFICATION_FAILED where stored data is damaged
   */
  public List<Path> run(Path folder, boolean overwrite) {
    try {
      List<Manifest> chain = store.chain(point);
      makeFolder(folder);
      for (Manifest layer : chain) {
        refuseExisting(folder.resolve(layer.file().name()), overwrite);
      }
      progress.begin("decrypt", chain.stream().mapToLong(m -> m.file().lengthBytes()).sum());
      // The full one first: no file names a backing file that is not there.
      for (Manifest layer : chain.reversed()) {
        copy(layer, folder.resolve(layer.file().name()));
      }
      return List.copyOf(written.reversed());
    } catch (Exception e) {
      written.forEach(file -> file.toFile().delete());
      throw DataFailure.of("decryption to " + folder, e);
    }
  }

  private static void makeFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectory(folder);
    }
  }

  private static void refuseExisting(Path file, boolean overwrite) {
    if (Files.exists(file) && !overwrite) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          file + " exists: decrypt to another folder, or replace it with --overwrite");
    }
  }

  private void copy(Manifest layer, Path to) throws IOException {
    try (ObjectInput input = store.openData(layer);
        PartialFile file = new PartialFile(to)) {
      long length = input.lengthBytes();
      if (length != layer.file().lengthBytes()) {
        throw new KedgeException(
            ErrorCode.VERIFICATION_FAILED,
            "restore point %s is damaged: %s has %d bytes instead of %d"
                .formatted(layer.id(), layer.file().name(), length, layer.file().lengthBytes()));
      }
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
      for (long at = 0; at < length; at += buffer.limit()) {
        cancel.check();
        input.readFully(at, buffer.clear().limit((int) Math.min(BUFFER_BYTES, length - at)));
        buffer.flip();
        while (buffer.hasRemaining()) {
          file.channel().write(buffer);
        }
        progress.advance(buffer.limit());
      }
      file.commit();
      written.add(to);
    }
  }
}
