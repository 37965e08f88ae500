package dev.kedge.engine.backup;

import dev.kedge.repository.ImageIdentity;
import java.io.InputStream;
import java.time.Instant;

/**
 * A disk that can be read only as a whole, from its first byte to its last: one that is not on
 * Ceph. What it makes for a backup carries the name of the backup's snapshot, by which a later run
 * finds it again. Methods throw {@link dev.kedge.base.KedgeException}. For one thread at a time.
 */
public interface StreamSource {
  /** What the disk is called in a repository. */
  ImageIdentity identity();

  /**
   * Takes a snapshot.
   *
   * @return the moment that it holds, as far as can be told
   */
  Instant takeSnapshot(String name);

  /** Opens what the snapshot of that name holds. */
  Content open(String name);

  /** Removes all that a backup made under this name; does nothing where there is nothing. */
  void remove(String name);

  /** The content of a snapshot. */
  interface Content extends AutoCloseable {
    /** How much there is; the size of the disk. */
    long sizeBytes();

    /** The bytes, once; reading ends with an IOException where the source breaks off. */
    InputStream stream();

    /**
     * Says that what was read is what the source holds; called at the end of the stream.
     *
     * @throws dev.kedge.base.KedgeException where it is not
     */
    void prove();

    @Override
    void close();
  }
}
