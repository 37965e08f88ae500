package dev.kedge.repository.s3;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Sends parts of all objects of a target, a few at a time, and keeps their memory for the next
 * ones. Whoever sends more waits: memory is one part for each that is on its way, and one for each
 * object that is being written. Thread-safe.
 */
final class PartUploader {

  private static final int AT_A_TIME = 2;

  private final S3Location location;
  private final int partBytes;
  private final Semaphore slots = new Semaphore(AT_A_TIME);
  private final Deque<PartBuffer> free = new ArrayDeque<>();
  private @Nullable ExecutorService threads;

  PartUploader(S3Location location, int partBytes) {
    this.location = location;
    this.partBytes = partBytes;
  }

  /** An empty part, to be sent or given back. */
  PartBuffer take() {
    PartBuffer part;
    synchronized (free) {
      part = free.poll();
    }
    return part == null ? new PartBuffer(partBytes) : part;
  }

  /** Takes back a part that nobody reads any more. */
  void giveBack(PartBuffer part) {
    part.clear();
    synchronized (free) {
      if (free.size() < AT_A_TIME) {
        free.push(part);
        return;
      }
    }
    part.close();
  }

  /** Starts sending as soon as it is its turn, and returns then; gives the part back at the end. */
  <T> Future<T> send(PartBuffer part, Callable<T> request) {
    try {
      return run(() -> {
        try {
          return request.call();
        } finally {
          giveBack(part);
        }
      });
    } catch (KedgeException e) {
      giveBack(part);
      throw e;
    }
  }

  /** Starts a request as soon as it is its turn, and returns then. */
  <T> Future<T> run(Callable<T> request) {
    try {
      slots.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KedgeException(ErrorCode.INTERRUPTED, "Stopped while using " + location, e);
    }
    return threads()
        .submit(() -> {
          try {
            return request.call();
          } finally {
            slots.release();
          }
        });
  }

  private synchronized ExecutorService threads() {
    if (threads == null) {
      threads =
          Executors.newFixedThreadPool(
              AT_A_TIME, Thread.ofPlatform().daemon().name("kedge-upload-", 0).factory());
    }
    return threads;
  }
}
