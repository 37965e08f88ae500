package dev.kedge.repository;

import java.time.Instant;

/**
 * An object as a listing shows it.
 *
 * @param name the whole name, from the target's root
 * @param lengthBytes its length
 * @param modifiedAt when the target last saw it change, by the target's clock; for files the later
 *     of modification and status change, so that a copy with old times ({@code rsync -t}) is young
 */
public record StoredObject(String name, long lengthBytes, Instant modifiedAt) {
  /** The part of the name after the last {@code /}. */
  public String baseName() {
    return name.substring(name.lastIndexOf('/') + 1);
  }
}
