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
  private final String name;
  private final S3Bucket bucket;
  private final PartUploader uploader;
  private final PartLimits limits;
  private final List<Future<CompletedPart>> sent = new ArrayList<>();

  private @Nullable MultipartUpload upload;
  private @Nullable PartBuffer current;
  private @Nullable PartBuffer first;
  private @Nullable GatheredPart gathered;
  private boolean headerAwaited;
  private long lengthBytes;
  private int lastNumber;
  private boolean flushed;
  private volatile boolean givenUp;
  private volatile @Nullable RuntimeException failure;

  S3Output(String name, S3Bucket bucket, PartUploader uploader, PartLimits limits) {
    this.name = name;
    this.bucket = bucket;
    this.uploader = uploader;
    this.limits = limits;
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
    if (flushed || givenUp) {
      throw new IllegalStateException(name + " is complete");
    }
    if (bytes.remaining() > limits.maxLengthBytes() - lengthBytes) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "%s would have more than the %d bytes that S3 lets an object have: use --compression, or a directory"
              .formatted(bucket.errors().object(name), limits.maxLengthBytes()));
    }
    lengthBytes += bytes.remaining();
    while (bytes.hasRemaining()) {
      if (lastNumber < limits.directParts()) {
        fill(bytes);
      } else {
        gather(bytes);
      }
    }
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
      first = part;
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
    PartBuffer start = first;
    if (start == null) {
      if (lastNumber > 0) {
        throw new IllegalStateException("No header was reserved");
      }
      current().set(header);
    } else {
      start.set(header);
      first = null;
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
    if (lastNumber == 0) {
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
    PartBuffer last = current;
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
      uploader.giveBack(first);
      first = null;
    }
  }
}
