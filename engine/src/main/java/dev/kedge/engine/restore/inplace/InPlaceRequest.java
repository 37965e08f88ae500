package dev.kedge.engine.restore.inplace;

import dev.kedge.engine.RbdLocation;

/**
 * Which image to write into, and how.
 *
 * @param force whether to go on where another client has the image open for writing
 * @param dryRun whether to say only what would be written
 * @param workers threads that load and prove what is stored
 */
public record InPlaceRequest(RbdLocation image, boolean force, boolean dryRun, int workers) {}
