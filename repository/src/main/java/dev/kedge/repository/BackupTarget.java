package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A place that holds named objects: a directory, or a bucket. Names are relative, with {@code /}
 * between folders (see {@link ObjectName}); folders come into being with their first object.
 * Thread-safe.
 *
 * <p>Failures are {@link dev.kedge.base.KedgeException}: NOT_FOUND for a missing object,
 * TARGET_FULL, TARGET_UNREACHABLE for everything else that the target does not do, INTERRUPTED
 * where the calling thread was interrupted.
 */
public interface BackupTarget {
  /** What a person calls this target; for messages. */
  String location();

  /** Whether what is written through this lies there encrypted. */
  default boolean isEncrypted() {
    return false;
  }

  /**
   * Makes the place itself if it is missing and its surroundings exist; does nothing where it is
   * there already.
   */
  void createLocation();

  /**
   * Makes sure that a new repository would be safe here, and says what it has to record of that
   * among its options. To be asked before it is made.
   *
   * @throws dev.kedge.base.KedgeException with REFUSED where the place cannot keep what this
   *     interface promises
   */
  default Map<String, String> examine() {
    return Map.of();
  }

  /**
   * Whether what is appended waits in memory of the target's own, so that whoever appends needs
   * little himself.
   */
  default boolean buffersWrites() {
    return false;
  }

  /** How many threads should read from it at a time. */
  default int readers() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** Whether the place holds nothing at all, apart from what a target itself leaves behind. */
  boolean isEmpty();

  /**
   * Starts a data object under its final name; what had that name before is gone. The object means
   * nothing until a manifest says so.
   */
  ObjectOutput create(String name);

  /**
   * Starts a data object that takes the place of the one with that name when it is flushed, whole
   * and at once: until then the old one is there, and for who has it open it stays. Not flushed, it
   * never was.
   *
   * @throws dev.kedge.base.KedgeException with REFUSED where the target cannot do that
   */
  default ObjectOutput createReplacement(String name) {
    throw new KedgeException(
        ErrorCode.REFUSED, location() + " cannot replace " + name + " as a whole");
  }

  /** Opens an object for positional reads. */
  ObjectInput open(String name);

  /**
   * Reads a small object.
   *
   * @throws dev.kedge.base.KedgeException with VERIFICATION_FAILED where it exceeds {@code
   *     maxBytes}
   */
  byte[] readAll(String name, int maxBytes);

  /**
   * Writes a small object if nothing has that name: whole or not at all, durable when this returns,
   * and with one winner among any number of processes and hosts.
   *
   * <p>Where this throws, the object may exist or not; ask again by calling it again.
   *
   * @return whether it was this call that wrote it
   */
  boolean putIfAbsent(String name, byte[] bytes);

  /** Writes a small object, whole or not at all, durable when this returns. */
  void replace(String name, byte[] bytes);

  /** Removes an object, durably; does nothing where it is missing. */
  void delete(String name);

  /**
   * The objects whose names start with the prefix and have no further {@code /} after it, by name.
   * A folder that is missing holds none.
   */
  List<StoredObject> list(String prefix);

  /**
   * The folders directly below a folder, by their last name part; {@code prefix} is empty or ends
   * in {@code /}.
   */
  List<String> folders(String prefix);

  /** The length in bytes; empty where there is no such object. */
  OptionalLong length(String name);

  /** Whether there is an object of that name. */
  default boolean exists(String name) {
    return length(name).isPresent();
  }

  /**
   * Removes what killed writers left of the target's own doing (temporary files, unfinished
   * uploads) in one folder, or of objects in it whose names start so, if it was last touched before
   * the given time.
   *
   * @return what was removed, for people
   */
  List<String> sweep(String prefix, Instant modifiedBefore);
}
