package dev.kedge.ceph;

/**
 * The snapshot that an image is a clone of.
 *
 * @param namespace empty for the default one
 * @param overlapBytes how much of the clone, from its start, is still backed by the parent
 */
public record ParentImage(
    String pool,
    String namespace,
    String imageName,
    String imageId,
    String snapshotName,
    long overlapBytes) {}
