package dev.kedge.openstack.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.engine.RbdLocation;
import dev.kedge.openstack.barbican.VolumeKeys;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.disks.CephClusters;
import dev.kedge.openstack.luks.LuksHeader;
import dev.kedge.openstack.restore.plan.EncryptionCheck;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;

/**
 * Lets a volume's own key open the ciphertext that was restored into it: Cinder gives each volume a
 * key of its own, and nobody can choose it. The header alone changes, as when Cinder clones an
 * encrypted volume. One thread.
 */
final class VolumeKeySteps {
  private final VolumeKeys keys;
  private final CephClusters clusters;
  private final SecureRandom random = new SecureRandom();

  VolumeKeySteps(VolumeKeys keys, CephClusters clusters) {
    this.keys = keys;
    this.clusters = clusters;
  }

  /**
   * May be repeated.
   *
   * @param wasKeyId of the volume that the ciphertext is of
   */
  void change(Volume volume, String wasKeyId, String cluster, RbdLocation location) {
    String keyId = Objects.requireNonNullElse(volume.encryptionKeyId(), "");
    if (keyId.equals(wasKeyId)) {
      return;
    }
    byte[] from = passphrase(wasKeyId);
    byte[] to = passphrase(keyId);
    try (RbdPool pool = clusters.cluster(cluster).openPool(location.pool(), location.namespace());
        RbdImage image = pool.open(location.image())) {
      change(image, from, to);
    } catch (KedgeException e) {
      throw new KedgeException(
          e.code(), volume.label() + ": " + e.getMessage() + wayOut(e, wasKeyId), e);
    } finally {
      Arrays.fill(from, (byte) 0);
      Arrays.fill(to, (byte) 0);
    }
  }

  private static String wayOut(KedgeException refusal, String wasKeyId) {
    return refusal.code() == ErrorCode.REFUSED ? EncryptionCheck.wayOut(wasKeyId) : "";
  }

  private byte[] passphrase(String keyId) {
    return keys.passphrase(keyId)
        .orElseThrow(() ->
            new KedgeException(
                ErrorCode.NOT_FOUND,
                "volume key %s is in Barbican no more, nor a copy of it".formatted(keyId)));
  }

  private void change(RbdImage image, byte[] from, byte[] to) {
    LuksHeader header = header(image);
    if (header.opensWith(to)) {
      return;
    }
    for (LuksHeader.Patch patch : header.changePassphrase(from, to, random)) {
      try (Arena arena = Arena.ofConfined()) {
        image.write(patch.offset(), arena.allocateFrom(ValueLayout.JAVA_BYTE, patch.bytes()));
      }
      image.flush();
    }
    if (!header(image).opensWith(to)) {
      throw new KedgeException(
          ErrorCode.VERIFICATION_FAILED, "its new key does not open it, though it was set");
    }
  }

  private static LuksHeader header(RbdImage image) {
    return LuksHeader.parse(
        read(image, LuksHeader.lengthBytes(read(image, LuksHeader.START_BYTES))));
  }

  private static byte[] read(RbdImage image, int lengthBytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment read = arena.allocate(Math.min(lengthBytes, image.sizeBytes()));
      image.read(0, read);
      return read.toArray(ValueLayout.JAVA_BYTE);
    }
  }
}
