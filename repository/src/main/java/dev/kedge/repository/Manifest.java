package dev.kedge.repository;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A restore point of an image, as the repository describes it: the restore point exists when this
 * does. Schema 1; schema 2 where it is retired, or others were merged into its file.
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
 * @param retiredAt since when it is no restore point any more but only a layer that others need;
 *     null for a restore point
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
    @Nullable Instant retiredAt,
    UnknownFields unknown) {
  /** The writer that this Kedge names in what it writes. */
  public static final String WRITER = "kedge 0.1.0";

  /** One that is not retired. */
  public Manifest(
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
    this(
        id,
        sequence,
        kind,
        parent,
        createdAt,
        image,
        sizeBytes,
        snapshot,
        file,
        sums,
        counts,
        durationSeconds,
        fencingToken,
        writer,
        null,
        unknown);
  }

  /** Whether it is only a layer that others need. */
  public boolean isRetired() {
    return retiredAt != null;
  }

  /** The same, retired. */
  public Manifest retire(Instant at) {
    return with(kind, parent, file, sums, at);
  }

  /** The same in other files, which stand for its old parent, too, and build on another one. */
  public Manifest merged(@Nullable UUID newParent, DataFile newFile, SumsFile newSums) {
    Kind newKind = newParent == null ? Kind.FULL : kind;
    return with(newKind, newParent, newFile, newSums, retiredAt);
  }

  /**
   * This merged one as its file is still to be found: under the name of the layer that it was
   * merged into, which others go on building on.
   */
  Manifest asLayer(Manifest base) {
    return new Manifest(
        base.id,
        base.sequence,
        kind,
        parent,
        base.createdAt,
        image,
        sizeBytes,
        base.snapshot,
        file.named(base.file.name()),
        sums,
        base.counts,
        base.durationSeconds,
        base.fencingToken,
        base.writer,
        base.retiredAt,
        base.unknown);
  }

  /** The same, whose file has given back this much. */
  public Manifest punched(long punchedBytes) {
    DataFile.Merged merged = file.merged();
    if (merged == null) {
      throw new IllegalStateException(id + " has no dead clusters");
    }
    return with(
        kind,
        parent,
        file.with(new DataFile.Merged(merged.deadBytes(), punchedBytes)),
        sums,
        retiredAt);
  }

  private Manifest with(
      Kind newKind,
      @Nullable UUID newParent,
      DataFile newFile,
      SumsFile newSums,
      @Nullable Instant newRetiredAt) {
    return new Manifest(
        id,
        sequence,
        newKind,
        newParent,
        createdAt,
        image,
        sizeBytes,
        snapshot,
        newFile,
        newSums,
        counts,
        durationSeconds,
        fencingToken,
        writer,
        newRetiredAt,
        unknown);
  }

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
   */
  public record Snapshot(String name, long id, Instant createdAt, boolean othersBefore) {}

  /**
   * The QCOW2 file.
   *
   * @param name its name beside the manifest
   * @param lengthBytes its length
   * @param clusterSizeBytes its cluster size
   * @param compression none, zlib or zstd
   * @param tablesDigest see {@link DigestingOutput}; of the first cluster alone where others were
   *     merged into the file
   * @param merged what merging left; null where nothing was merged into the file in place
   */
  public record DataFile(
      String name,
      long lengthBytes,
      int clusterSizeBytes,
      String compression,
      Checksum tablesDigest,
      @Nullable Merged merged) {
    /** A file as it was written once. */
    public DataFile(
        String name,
        long lengthBytes,
        int clusterSizeBytes,
        String compression,
        Checksum tablesDigest) {
      this(name, lengthBytes, clusterSizeBytes, compression, tablesDigest, null);
    }

    /**
     * What merging left in a file.
     *
     * @param deadBytes how much of its length nothing refers to any more
     * @param punchedBytes how much of that takes no space any more
     */
    public record Merged(long deadBytes, long punchedBytes) {}

    /** The space that it takes: its length without what was given back. */
    public long storedBytes() {
      return merged == null ? lengthBytes : lengthBytes - merged.punchedBytes();
    }

    /** What nothing refers to and still takes space. */
    public long unpunchedBytes() {
      return merged == null ? 0 : merged.deadBytes() - merged.punchedBytes();
    }

    DataFile with(Merged newMerged) {
      return new DataFile(
          name, lengthBytes, clusterSizeBytes, compression, tablesDigest, newMerged);
    }

    DataFile named(String newName) {
      return new DataFile(
          newName, lengthBytes, clusterSizeBytes, compression, tablesDigest, merged);
    }
  }

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
