package dev.kedge.repository;

import dev.kedge.base.KedgeException;
import java.util.UUID;

/**
 * A restore point whose manifest cannot be read.
 *
 * @param point its id, from the name
 * @param failure what is wrong, for people
 */
public record DamagedPoint(UUID point, KedgeException failure) {}
