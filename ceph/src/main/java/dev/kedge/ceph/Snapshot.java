package dev.kedge.ceph;

import java.time.Instant;

/**
 * A snapshot of an image.
 *
 * @param id RADOS' number; grows, and is never given twice in a pool
 * @param sizeBytes the image's size at that moment
 */
public record Snapshot(long id, String name, long sizeBytes, Instant createdAt) {}
