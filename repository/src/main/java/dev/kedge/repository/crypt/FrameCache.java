package dev.kedge.repository.crypt;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The contents of the frames that were read in part last, of all objects of a target: whoever reads
 * on finds the rest. Bounded. Thread-safe.
 */
final class FrameCache {
  private record Place(long object, long frame) {}

  private final int capacity;
  private final int frameBytes;
  private final LinkedHashMap<Place, ByteBuffer> frames = new LinkedHashMap<>(16, 0.75f, true);
  private final ArrayDeque<ByteBuffer> unused = new ArrayDeque<>();
  private long objects;

  /** A cache of at most so many frames. */
  FrameCache(int capacity, int frameBytes) {
    this.capacity = capacity;
    this.frameBytes = frameBytes;
  }

  /** A number for an object that is about to be read. */
  synchronized long newObject() {
    return objects++;
  }

  /**
   * Copies what a frame holds from an offset on, as much as there is room for.
   *
   * @return whether the frame was there
   */
  synchronized boolean read(long object, long frame, int offset, ByteBuffer dst) {
    ByteBuffer content = frames.get(new Place(object, frame));
    if (content == null) {
      return false;
    }
    int count = Math.min(dst.remaining(), content.limit() - offset);
    dst.put(dst.position(), content, offset, count).position(dst.position() + count);
    return true;
  }

  synchronized void put(long object, long frame, MemorySegment content) {
    Place place = new Place(object, frame);
    ByteBuffer room = frames.remove(place);
    if (room == null) {
      room = frames.size() < capacity ? unused.pollFirst() : frames.pollFirstEntry().getValue();
    }
    if (room == null) {
      room = ByteBuffer.allocateDirect(frameBytes);
    }
    frames.put(place, room.clear().put(content.asByteBuffer()).flip());
  }

  /** Forgets an object. */
  synchronized void drop(long object) {
    Iterator<Map.Entry<Place, ByteBuffer>> entries = frames.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<Place, ByteBuffer> entry = entries.next();
      if (entry.getKey().object() == object) {
        unused.add(entry.getValue());
        entries.remove();
      }
    }
  }
}
