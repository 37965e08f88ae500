package dev.kedge.repository;

/** A restore point, and the image it is of. */
public record FoundPoint(ImageStore image, Manifest manifest) {}
