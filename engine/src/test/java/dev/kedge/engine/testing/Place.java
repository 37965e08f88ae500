package dev.kedge.engine.testing;

import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.ObjectInput;
import dev.kedge.repository.Repository;
import dev.kedge.repository.RepositoryInfo;
import dev.kedge.repository.crypt.EncryptedTarget;
import dev.kedge.repository.crypt.KeySlots;
import dev.kedge.repository.crypt.Passphrase;
import dev.kedge.repository.crypt.RepositoryKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A folder with a repository, plain or encrypted, as any number of processes open it. */
public final class Place {
  private static final int PIECE_BYTES = 1 << 20;

  private final Path folder;
  private final @Nullable RepositoryKey key;

  private Place(Path folder, @Nullable RepositoryKey key) {
    this.folder = folder;
    this.key = key;
  }

  /** A new repository. */
  public static Place create(Path folder, boolean encrypted) {
    DirectoryTarget target = new DirectoryTarget(folder);
    if (!encrypted) {
      Repository.openOrCreate(target);
      return new Place(folder, null);
    }
    Passphrase passphrase = Passphrase.of("of a test");
    RepositoryInfo info =
        Repository.create(
                target,
                made ->
                    made.withEncryption(
                        KeySlots.first(made.id(), passphrase, "", made.createdAt())))
            .info();
    return new Place(folder, KeySlots.open(info, passphrase, "the test's folder").key());
  }

  /** Where it is. */
  public Path folder() {
    return folder;
  }

  /** The place as one more process opens it. */
  public BackupTarget target() {
    return over(new DirectoryTarget(folder));
  }

  /** The same through another view of the folder. */
  public BackupTarget over(BackupTarget view) {
    return key == null ? view : new EncryptedTarget(view, key, EncryptedTarget.FRAME_BYTES);
  }

  /** A copy of all files. */
  public Place copyTo(Path to) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(folder.relativize(file).toString()));
      }
    }
    return new Place(to, key);
  }

  /** A restore point's file and those below it, as QEMU can read them, in a folder of their own. */
  public Path plainFiles(Manifest point, Path scratch) throws IOException {
    ImageStore store = StoredChain.storeIn(Repository.open(target()));
    if (key == null) {
      return folder.resolve(store.dataName(point));
    }
    for (Manifest layer : store.chain(point.id())) {
      Path file = scratch.resolve(layer.file().name());
      try (ObjectInput input = store.openData(layer);
          var out =
              Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        for (long at = 0; at < input.lengthBytes(); at += PIECE_BYTES) {
          piece.clear().limit((int) Math.min(PIECE_BYTES, input.lengthBytes() - at));
          input.readFully(at, piece);
          out.write(piece.flip());
        }
      }
    }
    return scratch.resolve(point.file().name());
  }
}
