package dev.kedge.repository.crypt;

/**
 * Where in an encrypted object its content lies. Every frame but the last holds exactly {@code
 * frameBytes} of content, the last one fewer, often none; so there always is a last one, and only
 * it is short. Thread-safe.
 *
 * @param frameBytes content of a whole frame
 */
record FrameLayout(int frameBytes) {
  /** GCM's tag, which follows the content of each frame. */
  static final int TAG_BYTES = 16;

  /** A whole frame as it is stored. */
  int sealedBytes() {
    return frameBytes + TAG_BYTES;
  }

  /** The length of an object with that much content. */
  long storedBytes(long contentBytes) {
    return ObjectHeader.BYTES + contentBytes + TAG_BYTES * (contentBytes / frameBytes + 1);
  }

  /** The content of an object of that length; -1 where no whole object has it. */
  long contentBytes(long storedBytes) {
    long frames = storedBytes - ObjectHeader.BYTES;
    long last = frames % sealedBytes();
    return frames < TAG_BYTES || last < TAG_BYTES
        ? -1
        : frames / sealedBytes() * frameBytes + last - TAG_BYTES;
  }

  /** Where a frame starts in the object. */
  long position(long frame) {
    return ObjectHeader.BYTES + frame * sealedBytes();
  }

  /** The last frame of an object with that much content. */
  long lastFrame(long contentBytes) {
    return contentBytes / frameBytes;
  }
}
