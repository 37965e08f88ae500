package dev.kedge.ceph;

/**
 * An image in a pool's directory.
 *
 * @param id RBD's own identity; survives a rename, and is never given twice
 * @param name the name at the moment of listing
 */
public record ImageId(String id, String name) {}
