package dev.kedge.repository;

import java.util.UUID;

/** What a lease's owner means to create: a restore point, and the RBD snapshot it is read from. */
public record PendingPoint(UUID point, String snapshotName) {}
