package dev.kedge.repository.s3;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.ObjectOutput;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * A data object being written. A small one is one request, at the end. A large one is a multipart
 * upload, whose first part waits for the header. Either way the object exists when {@link #flush}
 * returns, and not before; nothing can be appended then. Not thread-safe.
 */
final class S3Output implements ObjectOutput {
  /** A copy costs the store a request and a part of the upload; less is soon read and sent. */
  private static final int LEAST_COPY_PARTS = 4;

  private static final int READ_BYTES = 1 << 20;

  private final String name;
  private final S3Bucket bucket;
  private final PartUploader uploader;
  private final PartLimits limits;
  private final boolean alwaysMultipart;
  private final List<Future<CompletedPart>> sent = new ArrayList<>();

  private @Nullable MultipartUpload upload;
  private @Nullable PartBuffer current;
  private @Nullable HeldPart first;
  private @Nullable GatheredPart gathered;
  private boolean headerAwaited;
  private long lengthBytes;
  private int lastNumber;
  private boolean flushed;
  private volatile boolean givenUp;
  private volatile @Nullable RuntimeException failure;

  private S3Output(
      String name,
      S3Bucket bucket,
      PartUploader uploader,
      PartLimits limits,
      boolean alwaysMultipart) {
    this.name = name;
    this.bucket = bucket;
    this.uploader = uploader;
    this.limits = limits;
    this.alwaysMultipart = alwaysMultipart;
  }

  /** An object whose name nothing has. */
  static S3Output ofNew(String name, S3Bucket bucket, PartUploader uploader, PartLimits limits) {
    return new S3Output(name, bucket, uploader, limits, false);
  }

  /**
   * An object that takes another's place. However small, it is a multipart upload, which another
   * process can abort: a request that was delayed must not replace what came after it.
   */
  static S3Output ofReplacement(
      String name, S3Bucket bucket, PartUploader uploader, PartLimits limits) {
    S3Output output = new S3Output(name, bucket, uploader, limits, true);
    MultipartUpload _ = output.upload();
    return output;
  }

  @Override
  public void reserveHeader(int headerLengthBytes) {
    if (lengthBytes != 0) {
      throw new IllegalStateException("The header is reserved first");
    }
    current().skip(headerLengthBytes);
    lengthBytes = headerLengthBytes;
    headerAwaited = headerLengthBytes > 0;
  }

  @Override
  public void append(ByteBuffer bytes, Part part) {
    grow(bytes.remaining());
    store(bytes);
  }

  private void grow(long byBytes) {
    if (flushed || givenUp) {
      throw new IllegalStateException(name + " is complete");
    }
    if (byBytes > limits.maxLengthBytes() - lengthBytes) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "%s would have more than the %d bytes that S3 lets an object have: use --compression, or a directory"
              .formatted(bucket.errors().object(name), limits.maxLengthBytes()));
    }
    lengthBytes += byBytes;
  }

  private void store(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      if (lastNumber < limits.directParts()) {
        fill(bytes);
      } else {
        gather(bytes);
      }
    }
  }

  @Override
  public long leastCopyBytes() {
    return (long) LEAST_COPY_PARTS * limits.partBytes();
  }

  /**
   * {@inheritDoc}
   *
   * <p>The store copies what is left of the range once the part that is being filled is full; a
   * remainder that is too short for a part of its own, and all of it where parts are gathered, is
   * read and appended.
   */
  @Override
  public void copyRange(String object, long position, long copyBytes) {
    grow(copyBytes);
    S3Bucket.Head source =
        bucket.head(object).orElseThrow(() -> bucket.errors().notFound(object, null));
    if (position > source.lengthBytes() || copyBytes > source.lengthBytes() - position) {
      throw new KedgeException(
          ErrorCode.VERIFICATION_FAILED,
          "%s ends at byte %d, before what should be copied from it"
              .formatted(bucket.errors().object(object), source.lengthBytes()));
    }
    RangeReader reader = new RangeReader(bucket, object, source.etag());
    long at = position;
    long end = position + copyBytes;
    if (current != null) {
      at = storeFrom(reader, at, Math.min(end, at + current.room()));
    }
    if (current == null && end - at >= limits.partBytes() && lastNumber < limits.directParts()) {
      copyPart(object, source.etag(), at, end - at);
      at = end;
    }
    storeFrom(reader, at, end);
  }

  private long storeFrom(RangeReader reader, long from, long end) {
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(READ_BYTES, end - from));
    for (long at = from; at < end; at += piece.limit()) {
      piece.clear().limit((int) Math.min(piece.capacity(), end - at));
      reader.read(at, piece);
      store(piece.flip());
    }
    return end;
  }

  private void copyPart(String object, String etag, long position, long copyBytes) {
    throwIfFailed();
    int number = ++lastNumber;
    MultipartUpload to = upload();
    sent.add(uploader.run(watched(() -> to.copy(number, object, etag, position, copyBytes))));
  }

  private void fill(ByteBuffer bytes) {
    PartBuffer part = current();
    part.fill(bytes);
    if (part.isFull()) {
      current = null;
      endPart(part);
    }
  }

  private void gather(ByteBuffer bytes) {
    if (gathered == null) {
      gathered = new GatheredPart(name, bucket, uploader, limits);
    }
    gathered.append(bytes);
    if (gathered.isFull()) {
      endGathered(gathered);
    }
  }

  private void endGathered(GatheredPart part) {
    gathered = null;
    part.flush();
    int number = ++lastNumber;
    MultipartUpload to = upload();
    sent.add(uploader.run(watched(() -> part.moveTo(to, number))));
  }

  private PartBuffer current() {
    if (current == null) {
      current = uploader.take();
    }
    return current;
  }

  private void endPart(PartBuffer part) {
    int number = ++lastNumber;
    if (number == 1 && headerAwaited) {
      first = HeldPart.hold(part, uploader);
    } else {
      send(number, part);
    }
  }

  private void send(int number, PartBuffer part) {
    MultipartUpload to;
    try {
      throwIfFailed();
      to = upload();
    } catch (RuntimeException e) {
      uploader.giveBack(part);
      throw e;
    }
    sent.add(uploader.send(part, watched(() -> to.send(number, part, () -> givenUp))));
  }

  private MultipartUpload upload() {
    if (upload == null) {
      upload = MultipartUpload.begin(bucket, name);
    }
    return upload;
  }

  private Callable<CompletedPart> watched(Callable<CompletedPart> request) {
    return () -> {
      try {
        return request.call();
      } catch (RuntimeException e) {
        failure = e;
        throw e;
      }
    };
  }

  private void throwIfFailed() {
    RuntimeException met = failure;
    if (met != null) {
      throw met;
    }
  }

  @Override
  public void writeHeader(ByteBuffer header) {
    HeldPart held = first;
    if (held == null) {
      if (lastNumber > 0) {
        throw new IllegalStateException("No header was reserved");
      }
      current().set(header);
    } else {
      PartBuffer start = held.take();
      first = null;
      start.set(header);
      send(1, start);
    }
    headerAwaited = false;
  }

  @Override
  public long lengthBytes() {
    return lengthBytes;
  }

  @Override
  public void flush() {
    if (flushed) {
      return;
    }
    if (headerAwaited) {
      throw new IllegalStateException("The header of " + name + " was not written");
    }
    if (lastNumber == 0 && !alwaysMultipart) {
      PartBuffer whole = current();
      bucket.put(name, MultipartUpload.body(whole, () -> false));
    } else {
      complete();
    }
    flushed = true;
    release();
  }

  private void complete() {
    if (gathered != null) {
      endGathered(gathered);
    }
    PartBuffer last = lastNumber == 0 ? current() : current;
    if (last != null) {
      current = null;
      endPart(last);
    }
    List<CompletedPart> parts = new ArrayList<>();
    for (Future<CompletedPart> part : sent) {
      parts.add(result(part));
    }
    parts.sort(Comparator.comparing(CompletedPart::partNumber));
    upload().complete(parts);
  }

  private CompletedPart result(Future<CompletedPart> part) {
    try {
      return part.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KedgeException(
          ErrorCode.INTERRUPTED, "Stopped while using " + bucket.location(), e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException met
          ? met
          : new IllegalStateException("a part was not sent", e.getCause());
    }
  }

  /** Ends the writing. What was not flushed is gone. */
  @Override
  public void close() {
    if (!flushed && !givenUp) {
      giveUp();
    }
    release();
  }

  private void giveUp() {
    givenUp = true;
    if (gathered != null) {
      gathered.close();
    }
    // A part that arrives after the abort would stay, and cost space.
    awaitAll();
    if (upload != null) {
      try {
        upload.abort();
      } catch (KedgeException e) {
        // Whatever ended the writing is the news; the janitor removes what is left.
        return;
      }
    }
  }

  private void awaitAll() {
    boolean interrupted = false;
    for (Future<CompletedPart> part : sent) {
      while (!part.isDone()) {
        try {
          var _ = part.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          break;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void release() {
    if (current != null) {
      uploader.giveBack(current);
      current = null;
    }
    if (first != null) {
      first.close();
      first = null;
    }
  }
}
