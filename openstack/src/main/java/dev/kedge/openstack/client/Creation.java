package dev.kedge.openstack.client;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes an object once, although the APIs give no way to repeat a POST: when nobody knows what
 * became of it, the object is looked for by something that only it has, and made again only where
 * it is not there.
 */
public final class Creation {
  private static final int MAX_ATTEMPTS = 3;

  private Creation() {}

  /**
   * The object.
   *
   * @param find looks for it by a mark that only it has (a tag, metadata, a unique name)
   * @param create makes it with that mark
   */
  public static <T> T once(Supplier<Optional<T>> find, Supplier<T> create) {
    for (int attempt = 1; ; attempt++) {
      try {
        return create.get();
      } catch (OpenStackException e) {
        if (!e.outcomeUnknown()) {
          throw e;
        }
        Optional<T> made = find.get();
        if (made.isPresent()) {
          return made.get();
        }
        if (attempt == MAX_ATTEMPTS) {
          throw e;
        }
      }
    }
  }
}
