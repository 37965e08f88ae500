package dev.kedge.repository;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A restore point of an image, as the repository describes it: the restore point exists when this
 * does. Schema 1.
 *
 * @param id the restore point
 * @param sequence its place among the image's restore points, growing along the image; clocks do
 *     not order anything
 * @param kind how it was made
 * @param parent the restore point it builds on; null for a full one
 * @param createdAt when the backup began, by the writer's clock
 * @param image the image as it was
 * @param sizeBytes the image's size in the snapshot
 * @param snapshot the RBD snapshot it was read from
 * @param file the QCOW2 file
 * @param sums the checksums
 * @param counts how much there was
 * @param durationSeconds how long the backup took
 * @param fencingToken the lease it was written under
 * @param writer the program and its version
 * @param unknown fields of a later Kedge
 */
public record Manifest(
    UUID id,
    long sequence,
    Kind kind,
    @Nullable UUID parent,
    Instant createdAt,
    Image image,
    long sizeBytes,
    Snapshot snapshot,
    DataFile file,
    SumsFile sums,
    Counts counts,
    double durationSeconds,
    long fencingToken,
    String writer,
    UnknownFields unknown) {
  /** The writer that this Kedge names in what it writes. */
  public static final String WRITER = "kedge 0.1.0";

  /** How a restore point was made. */
  public enum Kind {
    /** Stands alone. */
    FULL,
    /** Holds what Ceph said had changed since its parent. */
    INCREMENTAL,
    /** Everything was read, and what differs from its parent is held. */
    REBASED
  }

  /**
   * The image as it was.
   *
   * @param identity what it was called
   * @param rbdId the id that Ceph gave it, which changes when it is made again
   * @param sizeBytes its size
   * @param objectSizeBytes the size of its RADOS objects
   * @param stripeUnitBytes its stripe unit
   * @param stripeCount its stripe count
   * @param features the bit mask of its RBD features
   * @param dataPool the pool of its data objects, if another; null for none
   * @param parent what it is a clone of; null for nothing
   */
  public record Image(
      ImageIdentity identity,
      String rbdId,
      long sizeBytes,
      long objectSizeBytes,
      long stripeUnitBytes,
      long stripeCount,
      long features,
      @Nullable String dataPool,
      @Nullable CloneParent parent) {}

  /**
   * What an image is a clone of.
   *
   * @param pool the parent's pool
   * @param namespace the parent's namespace; empty for none
   * @param name the parent's name
   * @param rbdId the parent's RBD id
   * @param snapshotName the snapshot it was cloned from
   * @param overlapBytes up to where the parent shows through
   */
  public record CloneParent(
      String pool,
      String namespace,
      String name,
      String rbdId,
      String snapshotName,
      long overlapBytes) {}

  /**
   * The RBD snapshot that was read.
   *
   * @param name its name
   * @param id the id that Ceph gave it
   * @param createdAt its time, by Ceph's clock
   * @param othersBefore whether the image had older snapshots then, beside the one that this
   *     supersedes: a rollback to one of those deceives the object map
   * @param repository the repository that took it, and alone removes it, where the restore point
   *     was copied from there; null where that is this one
   */
  public record Snapshot(
      String name, long id, Instant createdAt, boolean othersBefore, @Nullable UUID repository) {
    /** A snapshot of this repository's own. */
    public Snapshot(String name, long id, Instant createdAt, boolean othersBefore) {
      this(name, id, createdAt, othersBefore, null);
    }

    /** Whether this repository took it. */
    public boolean isOurs() {
      return repository == null;
    }

    Snapshot ownedBy(@Nullable UUID owner) {
      return new Snapshot(name, id, createdAt, othersBefore, owner);
    }
  }

  /**
   * The QCOW2 file.
   *
   * @param name its name beside the manifest
   * @param lengthBytes its length
   * @param clusterSizeBytes its cluster size
   * @param compression none, zlib or zstd
   * @param tablesDigest see {@link DigestingOutput}
   */
  public record DataFile(
      String name,
      long lengthBytes,
      int clusterSizeBytes,
      String compression,
      Checksum tablesDigest) {}

  /** The sums file: its name beside the manifest, its length, and its digest. */
  public record SumsFile(String name, long lengthBytes, Checksum digest, String algorithm) {}

  /**
   * How much there was.
   *
   * @param extents how many extents were read
   * @param changedBytes how much had changed
   * @param readBytes how much was read
   * @param zeroBytes how much of that was zeroes
   * @param storedBytes how much the files take
   */
  public record Counts(
      long extents, long changedBytes, long readBytes, long zeroBytes, long storedBytes) {}

  /**
   * The same restore point in another repository: id, times, sequence and image stay.
   *
   * @param snapshotOwner see {@link Snapshot#repository}
   * @param newParent its parent there; null for a full one
   */
  public Manifest copied(
      @Nullable UUID snapshotOwner,
      @Nullable UUID newParent,
      DataFile newFile,
      SumsFile newSums,
      Counts newCounts,
      long newFencingToken) {
    return new Manifest(
        id,
        sequence,
        newParent == null ? Kind.FULL : kind,
        newParent,
        createdAt,
        image,
        sizeBytes,
        snapshot.ownedBy(snapshotOwner),
        newFile,
        newSums,
        newCounts,
        durationSeconds,
        newFencingToken,
        WRITER,
        unknown);
  }

  /** Whether both are of one moment of one image, be it stored in different ways. */
  public boolean isSamePoint(Manifest other) {
    return id.equals(other.id)
        && image.equals(other.image)
        && sizeBytes == other.sizeBytes
        && createdAt.equals(other.createdAt)
        && snapshot.ownedBy(null).equals(other.snapshot.ownedBy(null));
  }

  /** The bytes of the manifest's object. */
  public byte[] toBytes() {
    return ManifestJson.write(this);
  }

  /**
   * Reads a manifest that may hold anything.
   *
   * @param bytes the object
   * @param name what messages call it
   * @throws dev.kedge.base.KedgeException with REFUSED for another schema version, with
   *     VERIFICATION_FAILED, naming file and field, for everything else that is no manifest
   */
  public static Manifest parse(byte[] bytes, String name) {
    return ManifestJson.read(bytes, name);
  }
}
