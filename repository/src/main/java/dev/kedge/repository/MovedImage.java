package dev.kedge.repository;

/**
 * An image that was moved: its restore points go on where those of its earlier name are.
 *
 * @param image what it is called now
 * @param from what it was called before
 * @param series its first name, in whose folder the restore points are
 */
public record MovedImage(ImageIdentity image, ImageIdentity from, ImageIdentity series) {}
