package dev.kedge.repository;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A restore point of a whole instance, as the repository describes it: it exists when this does.
 * Its disks are restore points of images. Schema 1.
 *
 * @param id the restore point
 * @param momentId equal for the instances whose disks were taken together
 * @param sequence its place among the instance's restore points, growing; clocks order nothing
 * @param createdAt when the snapshots were taken, by the writer's clock
 * @param instance which instance
 * @param consistency what was done to the guest for the snapshots
 * @param freezeSeconds how long the guest stood still; 0 where nothing was done to it
 * @param disks every disk, the one that it boots from first
 * @param raw what the cloud's APIs said; its fields are listed in docs/repository-format.md
 * @param notes what people should know of it, such as what could not be asked
 * @param writer the program and its version
 * @param unknown fields of a later Kedge
 */
public record InstancePoint(
    UUID id,
    UUID momentId,
    long sequence,
    Instant createdAt,
    Instance instance,
    Consistency consistency,
    double freezeSeconds,
    List<InstanceDisk> disks,
    ObjectNode raw,
    List<String> notes,
    String writer,
    UnknownFields unknown) {
  /** Copies what can change. */
  public InstancePoint {
    disks = List.copyOf(disks);
    raw = raw.deepCopy();
    notes = List.copyOf(notes);
  }

  /**
   * An instance.
   *
   * @param id Nova's
   * @param name Nova's; not unique
   * @param projectId Keystone's
   * @param userId Keystone's: who made it
   * @param cloud the name in clouds.yaml, or the identity service's URL
   * @param region null where the cloud has one only
   */
  public record Instance(
      UUID id,
      String name,
      String projectId,
      String userId,
      String cloud,
      @Nullable String region) {}

  /** What was done to the guest for the snapshots. */
  public enum Consistency {
    /** Its agent froze the file systems. */
    AGENT,
    /** Its processors were stopped: all disks are of one moment, as after a loss of power. */
    PAUSE,
    /** Nothing: the disks are some milliseconds apart. */
    CRASH,
    /** Nothing was needed: it was not running. */
    STOPPED
  }

  /** The disks that were backed up. */
  public Stream<InstanceDisk.Kept> kept() {
    return disks.stream()
        .map(InstanceDisk::content)
        .filter(InstanceDisk.Kept.class::isInstance)
        .map(InstanceDisk.Kept.class::cast);
  }

  /** The disks that were not. */
  public Stream<InstanceDisk> leftOut() {
    return disks.stream().filter(disk -> disk.content() instanceof InstanceDisk.LeftOut);
  }

  /** Whether every disk was backed up. */
  public boolean complete() {
    return leftOut().findAny().isEmpty();
  }

  /** The disk that the instance boots from; empty where it has none. */
  public Optional<InstanceDisk> bootDisk() {
    return disks.stream().filter(InstanceDisk::boot).findFirst();
  }

  /** Whether it needs that restore point of an image. */
  public boolean needs(UUID imageId, UUID point) {
    return kept().anyMatch(k -> k.imageId().equals(imageId) && k.point().equals(point));
  }

  /** The bytes of the record's object. */
  public byte[] toBytes() {
    return InstancePointJson.write(this);
  }

  /**
   * Reads a record that may hold anything.
   *
   * @param bytes the object
   * @param name what messages call it
   * @throws dev.kedge.base.KedgeException with REFUSED for another schema version, with
   *     VERIFICATION_FAILED, naming file and field, for everything else that is no record
   */
  public static InstancePoint parse(byte[] bytes, String name) {
    return InstancePointJson.read(bytes, name);
  }
}
