package dev.kedge.openstack.testing;

import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.backup.LayerOptions;
import dev.kedge.engine.backup.StreamBackup;
import dev.kedge.engine.backup.StreamSource;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;

/** A disk whose content is at hand, for restore points that need no Ceph. For one thread. */
public final class BytesSource implements StreamSource {
  private final ImageIdentity identity;
  private final byte[] content;

  /** A disk of that identity. */
  public BytesSource(ImageIdentity identity, byte[] content) {
    this.identity = identity;
    this.content = content.clone();
  }

  /** Backs it up; what an instance's record says of it then. */
  public InstanceDisk.Kept backUp(Repository repository) throws KedgeException {
    LayerOptions options = new LayerOptions(false, Compression.NONE, null, 0, 1);
    try (StreamBackup backup =
        StreamBackup.prepare(
            this, repository, options, Clock.systemUTC(), Progress.NONE, new CancelToken())) {
      backup.takeSnapshot();
      Manifest manifest = backup.complete().manifest();
      return new InstanceDisk.Kept("", identity, manifest.id(), manifest.sizeBytes());
    }
  }

  @Override
  public ImageIdentity identity() {
    return identity;
  }

  @Override
  public Instant takeSnapshot(String name) {
    return Instant.EPOCH;
  }

  @Override
  public Content open(String name) {
    InputStream stream = new ByteArrayInputStream(content);
    return new Content() {
      @Override
      public long sizeBytes() {
        return content.length;
      }

      @Override
      public InputStream stream() {
        return stream;
      }

      @Override
      public void prove() {}

      @Override
      public void close() {}
    };
  }

  @Override
  public void remove(String name) {}
}
