package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * Whom an OSD tells that an image's header has changed: the clients that it watches over, dead or
 * alive. The list of watchers in the header may name more. A client that is killed while Ceph
 * writes its watch down stays in the header, and nobody waits for its signs of life, so that it is
 * never removed; only when the placement group peers again, or the OSD has forgotten the header and
 * reads it anew, it is missed, and gone after osd_client_watch_timeout. Source:
 * https://tracker.ceph.com/issues/58120, seen with 16.2.15.
 */
final class Notification {
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private record Client(long id, long cookie) {}

  private final Set<Client> reached;

  private Notification(Set<Client> reached) {
    this.reached = reached;
  }

  /** Sends one without content, by which librbd and krbd mean that the header has changed. */
  static Notification send(RbdPool pool, RbdImage image) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment header = CStrings.of(arena, "rbd_header." + image.id());
      MemorySegment reply = arena.allocate(ADDRESS);
      MemorySegment replyBytes = arena.allocate(JAVA_LONG);
      long result =
          pool.handle()
              .use(ioctx ->
                  LibRados.NOTIFY2.call(
                      ioctx, header, MemorySegment.NULL, 0, LONGEST.toMillis(), reply, replyBytes));
      MemorySegment buffer = CephCluster.pointerAt(reply);
      long bytes = replyBytes.get(JAVA_LONG, 0);
      try {
        // Where some did not answer in time, the reply says who.
        if (result != Errno.ETIMEDOUT.asReturnValue() || bytes == 0) {
          CephErrors.check(LibRados.NOTIFY2, result, "clients of image " + image.spec());
        }
        ByteBuffer content = buffer.reinterpret(bytes).asByteBuffer();
        return new Notification(clients(content.order(ByteOrder.LITTLE_ENDIAN)));
      } finally {
        LibRados.BUFFER_FREE.call(buffer);
      }
    }
  }

  // Source: rados_notify2 in rados/librados.h.
  private static Set<Client> clients(ByteBuffer reply) {
    Set<Client> clients = new HashSet<>();
    for (int acknowledged = reply.getInt(); acknowledged > 0; acknowledged--) {
      clients.add(client(reply));
      int answerBytes = reply.getInt();
      reply.position(reply.position() + answerBytes);
    }
    for (int silent = reply.getInt(); silent > 0; silent--) {
      clients.add(client(reply));
    }
    return clients;
  }

  private static Client client(ByteBuffer reply) {
    return new Client(reply.getLong(), reply.getLong());
  }

  boolean reached(Watcher watcher) {
    return reached.contains(new Client(watcher.clientId(), watcher.cookie()));
  }
}
