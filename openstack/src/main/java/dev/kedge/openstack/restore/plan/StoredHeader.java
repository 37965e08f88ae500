package dev.kedge.openstack.restore.plan;

import dev.kedge.engine.DataFailure;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.openstack.luks.LuksHeader;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The LUKS header in the restore point of an encrypted disk. One thread. */
record StoredHeader(Repository repository, InstanceDisk.Kept kept) {
  /**
   * Reads it, and nothing else of the disk.
   *
   * @throws dev.kedge.base.KedgeException as {@link LuksHeader#parse}, or where the restore point
   *     cannot be read
   */
  LuksHeader read() {
    try (RestorePointReader reader =
        RestorePointReader.open(repository.image(kept.image()), kept.point())) {
      return LuksHeader.parse(
          read(reader, LuksHeader.lengthBytes(read(reader, LuksHeader.START_BYTES))));
    } catch (IOException e) {
      throw DataFailure.of("restore point " + kept.point(), e);
    }
  }

  private static byte[] read(RestorePointReader reader, int lengthBytes) throws IOException {
    byte[] read = new byte[(int) Math.min(lengthBytes, reader.sizeBytes())];
    reader.read(0, ByteBuffer.wrap(read));
    return read;
  }
}
