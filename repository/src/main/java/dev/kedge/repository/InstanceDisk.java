package dev.kedge.repository;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A disk of an instance, as it was.
 *
 * @param role what it is to OpenStack
 * @param number of several with one role, from 0
 * @param boot whether the instance boots from it
 * @param device {@code /dev/vda}; null where Nova does not say
 * @param tag Nova's device tag; null for none
 * @param deleteOnTermination whether Nova deletes it with the instance
 * @param volumeId Cinder's; null for a disk of Nova's
 * @param encryptionKeyId where Barbican keeps its key; null: not encrypted, or nobody said
 * @param content where its data is
 */
public record InstanceDisk(
    Role role,
    int number,
    boolean boot,
    @Nullable String device,
    @Nullable String tag,
    boolean deleteOnTermination,
    @Nullable String volumeId,
    @Nullable String encryptionKeyId,
    Content content) {

  /** What a disk is to OpenStack. */
  public enum Role {
    /** A volume of Cinder's. */
    VOLUME,
    /** Nova's copy of the image that the instance was made from. */
    ROOT,
    /** An ephemeral disk of Nova's. */
    EPHEMERAL,
    /** Swap space of Nova's. */
    SWAP,
    /** Metadata for the guest, which Nova makes anew. */
    CONFIG_DRIVE
  }

  /** Where the data of a disk is. */
  public sealed interface Content {}

  /**
   * In a restore point of an image.
   *
   * @param cluster the Ceph cluster's name in kedge.yaml
   * @param image the image it was read from
   * @param imageId the image's id in the repository: of its first name where it was moved
   * @param point the image's restore point
   * @param sizeBytes the image's size
   */
  public record Kept(String cluster, ImageIdentity image, UUID imageId, UUID point, long sizeBytes)
      implements Content {
    /** Of an image that was not moved. */
    public Kept(String cluster, ImageIdentity image, UUID point, long sizeBytes) {
      this(cluster, image, image.imageId(), point, sizeBytes);
    }
  }

  /** Nowhere here: it was not backed up. */
  public record LeftOut(String reason) implements Content {}
}
