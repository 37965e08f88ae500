package dev.kedge.ceph;

import dev.kedge.base.KedgeException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What a handle has opened, and must close before itself. Thread-safe. */
final class Children {
  private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();

  /** Adds one; called while the parent's handle is in use, so that its closing sees it. */
  <T extends AutoCloseable> T add(T child) {
    open.add(child);
    return child;
  }

  void remove(AutoCloseable child) {
    open.remove(child);
  }

  /** Closes all; the first failure is returned, the others are attached to it. */
  @Nullable KedgeException closeAll() {
    KedgeException first = null;
    for (AutoCloseable child : List.copyOf(open)) {
      try {
        child.close();
      } catch (KedgeException e) {
        first = join(first, e);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new AssertionError("handles close without checked exceptions", e);
      }
    }
    return first;
  }

  private static KedgeException join(@Nullable KedgeException first, KedgeException next) {
    if (first == null) {
      return next;
    }
    first.addSuppressed(next);
    return first;
  }
}
