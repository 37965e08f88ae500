package dev.kedge.repository;

/**
 * What a target offers whose objects can be changed: a directory, not a bucket, and not one whose
 * objects are encrypted. Thread-safe.
 */
public interface InPlaceTarget {
  /**
   * Opens an object for changes.
   *
   * @throws dev.kedge.base.KedgeException with BUSY where it is open for changes already
   */
  ObjectEditor edit(String name);

  /**
   * Gives an object another name at once, durably; what had that name is gone, for who has it open
   * it stays.
   */
  void rename(String from, String to);
}
