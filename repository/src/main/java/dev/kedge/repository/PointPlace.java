package dev.kedge.repository;

import java.util.UUID;

/** A restore point whose manifest may be damaged, and the image it is of. */
public record PointPlace(ImageStore image, UUID point) {}
