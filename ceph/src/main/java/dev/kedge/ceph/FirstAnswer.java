package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for the first answer of an OSD, whatever it says, with a bound. Later requests have none,
 * since a backup outlives the restart of an OSD. But OSDs of Ceph 18 refuse the connections of a
 * user who has no OSD caps, and librados tries again for ever; those of Ceph 16 answer with EPERM.
 */
final class FirstAnswer {
  // There in each pool that RBD uses; that it is missing is an answer, too.
  private static final String OBJECT = "rbd_directory";

  private static final Duration LONGEST_NAP = Duration.ofMillis(10);

  private FirstAnswer() {}

  /**
   * Waits.
   *
   * @param ioctx of the pool that is asked
   * @param entity the Ceph user, for the message
   * @throws KedgeException SOURCE_UNREACHABLE after that time
   */
  static void await(MemorySegment ioctx, String pool, String entity, Duration longest) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      CephErrors.check(
          LibRados.AIO_CREATE_COMPLETION2,
          LibRados.AIO_CREATE_COMPLETION2.call(MemorySegment.NULL, MemorySegment.NULL, out),
          "pool " + pool);
      MemorySegment completion = CephCluster.pointerAt(out);
      try {
        CephErrors.check(
            LibRados.AIO_STAT,
            LibRados.AIO_STAT.call(
                ioctx,
                CStrings.of(arena, OBJECT),
                completion,
                arena.allocate(JAVA_LONG),
                arena.allocate(JAVA_LONG)),
            "pool " + pool);
        if (!isComplete(completion, longest)) {
          // What it would write its result to is freed next.
          LibRados.AIO_CANCEL.call(ioctx, completion);
          LibRados.AIO_WAIT_FOR_COMPLETE.call(completion);
          throw unanswered(pool, entity, longest);
        }
      } finally {
        LibRados.AIO_RELEASE.call(completion);
      }
    }
  }

  private static boolean isComplete(MemorySegment completion, Duration longest) {
    long startNanos = System.nanoTime();
    long napNanos = 50_000;
    while (LibRados.AIO_IS_COMPLETE.call(completion) == 0) {
      if (System.nanoTime() - startNanos > longest.toNanos()) {
        return false;
      }
      LockSupport.parkNanos(napNanos);
      napNanos = Math.min(LONGEST_NAP.toNanos(), napNanos + napNanos / 4);
    }
    return true;
  }

  private static KedgeException unanswered(String pool, String entity, Duration longest) {
    return new KedgeException(
        ErrorCode.SOURCE_UNREACHABLE,
        ("pool %s: no OSD has answered %s for %d s: none can be reached ('ceph -s'), or the user has"
                + " no OSD caps ('ceph auth get %s')")
            .formatted(pool, entity, longest.toSeconds(), entity));
  }
}
