package dev.kedge.engine.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.Watcher;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.RbdLocation;
import java.util.List;
import java.util.function.Supplier;

/** Whether others have an image open for writing. Not thread-safe. */
public final class ImageUse {
  private final RbdPool pool;
  private final RbdLocation location;
  private final String wayOut;
  private List<Watcher> forgotten = List.of();

  /**
   * Looks at nothing yet.
   *
   * @param wayOut what the user can do where somebody has, for the message
   */
  public ImageUse(RbdPool pool, RbdLocation location, String wayOut) {
    this.pool = pool;
    this.location = location;
    this.wayOut = wayOut;
  }

  /**
   * Opens the image when nobody has it open for writing, and tries again while that reports BUSY;
   * waits as long as a dead client counts. What Ceph lists longer only because it has forgotten
   * that client does not count then.
   *
   * @throws KedgeException BUSY, naming the client and the way out
   */
  public RbdImage whenFree(Supplier<RbdImage> opening, Progress progress, CancelToken cancel) {
    RbdImage[] opened = new RbdImage[1];
    Runnable attempt =
        () -> {
          refuse();
          opened[0] = opening.get();
        };
    try {
      ClientWait.untilFree(attempt, location.toString(), progress, cancel);
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.BUSY || !seesForgotten()) {
        throw e;
      }
      progress.note(
          "%s is listed as a client of %s, but died while it opened it: it does not count"
              .formatted(forgotten.getFirst().address(), location));
      attempt.run();
    }
    return opened[0];
  }

  /** The clients of an open image, this handle among them, that may be alive. */
  public List<Watcher> clients(RbdImage image) {
    return image.watchers().stream().filter(watcher -> !forgotten.contains(watcher)).toList();
  }

  /** The failure that this client uses the image. */
  public KedgeException busy(String client) {
    return new KedgeException(ErrorCode.BUSY, location + " is in use by " + client + ": " + wayOut);
  }

  private void refuse() {
    try (RbdImage image = pool.openReadOnly(location.image(), null)) {
      List<Watcher> clients = clients(image);
      if (!clients.isEmpty()) {
        throw busy(clients.getFirst().address());
      }
    }
  }

  private boolean seesForgotten() {
    try (RbdImage image = pool.openReadOnly(location.image(), null)) {
      forgotten = image.forgottenWatchers();
      return !forgotten.isEmpty();
    }
  }
}
