package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.kedge.base.KedgeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A read, write, discard or flush under way. Await each exactly once or more often: the native
 * completion is released by the first {@link #await()}, or by the closing of the image, and the
 * result stays. Thread-safe.
 */
public final class AioCompletion {
  private final RbdImage image;
  private final NativeFunction function;
  private final long offset;
  private final long lengthBytes;
  // Only to keep it reachable: librbd holds its address. An arena that is closed by hand must
  // outlive the completion.
  private final @Nullable MemorySegment buffer;
  private final MemorySegment pointer;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean settled;
  private long result;

  private AioCompletion(
      RbdImage image,
      NativeFunction function,
      long offset,
      long lengthBytes,
      @Nullable MemorySegment buffer,
      MemorySegment pointer) {
    this.image = image;
    this.function = function;
    this.offset = offset;
    this.lengthBytes = lengthBytes;
    this.buffer = buffer;
    this.pointer = pointer;
  }

  static AioCompletion start(
      RbdImage image,
      NativeFunction function,
      long offset,
      long lengthBytes,
      @Nullable MemorySegment buffer,
      ToLongBiFunction<MemorySegment, MemorySegment> submit) {
    if (buffer != null && !buffer.isNative()) {
      throw new IllegalArgumentException("the buffer must be native memory");
    }
    AioCompletion[] started = new AioCompletion[1];
    long result =
        image
            .handle()
            .use(imagePointer -> {
              AioCompletion completion =
                  new AioCompletion(image, function, offset, lengthBytes, buffer, create());
              started[0] = completion;
              long r = submit.applyAsLong(imagePointer, completion.pointer);
              if (r < 0) {
                LibRbd.AIO_RELEASE.call(completion.pointer);
              } else {
                image.outstanding().add(completion);
              }
              return r;
            });
    if (result < 0) {
      throw started[0].failure(result);
    }
    return started[0];
  }

  private static MemorySegment create() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      long result = LibRbd.AIO_CREATE_COMPLETION.call(MemorySegment.NULL, MemorySegment.NULL, out);
      CephErrors.check(LibRbd.AIO_CREATE_COMPLETION, result, "a completion");
      return CephCluster.pointerAt(out);
    }
  }

  /**
   * Waits for the end.
   *
   * @return the bytes read, which are fewer than asked for at the image's end; else the bytes
   *     written or discarded
   * @throws KedgeException naming the call, the range and the image
   */
  public long await() {
    settle();
    if (result < 0) {
      throw failure(result);
    }
    return function == LibRbd.AIO_READ ? result : lengthBytes;
  }

  /** Whether {@link #await()} would return at once. */
  public boolean isDone() {
    if (settled || !lock.tryLock()) {
      return settled;
    }
    try {
      return settled || LibRbd.AIO_IS_COMPLETE.call(pointer) != 0;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the end, good or bad: from then on the buffer is the caller's again. */
  public void settle() {
    lock.lock();
    try {
      if (!settled) {
        LibRbd.AIO_WAIT_FOR_COMPLETE.call(pointer);
        result = LibRbd.AIO_GET_RETURN_VALUE.call(pointer);
        LibRbd.AIO_RELEASE.call(pointer);
        settled = true;
        image.outstanding().remove(this);
      }
    } finally {
      lock.unlock();
    }
  }

  private KedgeException failure(long returnValue) {
    return CephErrors.failure(
        function, returnValue, "image " + image.spec() + " at " + offset + "+" + lengthBytes);
  }

  @Override
  public String toString() {
    return function.name()
        + " of "
        + image.spec()
        + " at "
        + offset
        + "+"
        + (buffer == null ? lengthBytes : buffer.byteSize());
  }
}
