package dev.kedge.repository.s3;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What was lately read of a target's objects in short pieces: blocks, a bounded number for all
 * objects together. Who reads on from one block to the next gets several by one request, as long as
 * not too many objects share the memory. Thread-safe; what several threads want is fetched once.
 */
final class RangeCache {
  static final int BLOCK_BYTES = 128 << 10;

  /** 6 MiB. */
  private static final int BLOCKS = 48;

  private static final int MAX_RUN = 8;

  /** By identity of the input. */
  private record Key(S3Input input, long block) {}

  private final LinkedHashMap<Key, CompletableFuture<byte[]>> blocks =
      new LinkedHashMap<>(BLOCKS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, CompletableFuture<byte[]>> eldest) {
          return size() > BLOCKS;
        }
      };
  private int openInputs;

  synchronized void opened() {
    openInputs++;
  }

  synchronized void closed(S3Input input) {
    openInputs--;
    blocks.keySet().removeIf(key -> key.input == input);
  }

  /** Fills the buffer from a position; the object must be long enough. */
  void read(S3Input input, long position, ByteBuffer dst) {
    long at = position;
    while (dst.hasRemaining()) {
      byte[] bytes = block(input, at / BLOCK_BYTES);
      int from = (int) (at % BLOCK_BYTES);
      int count = Math.min(bytes.length - from, dst.remaining());
      dst.put(bytes, from, count);
      at += count;
    }
  }

  private byte[] block(S3Input input, long block) {
    List<CompletableFuture<byte[]>> mine = new ArrayList<>();
    CompletableFuture<byte[]> wanted = claim(input, block, mine);
    if (!mine.isEmpty()) {
      load(input, block, mine);
    }
    return await(input, wanted);
  }

  /** The block; where nobody fetches it, it and those after it become the caller's to fetch. */
  private synchronized CompletableFuture<byte[]> claim(
      S3Input input, long block, List<CompletableFuture<byte[]>> mine) {
    CompletableFuture<byte[]> there = blocks.get(new Key(input, block));
    if (there != null) {
      return there;
    }
    boolean reading = blocks.containsKey(new Key(input, block - 1));
    long end = (input.lengthBytes() + BLOCK_BYTES - 1) / BLOCK_BYTES;
    long run = reading ? Math.clamp(BLOCKS / (2L * openInputs), 1, MAX_RUN) : 1;
    for (long next = block; next < Math.min(end, block + run); next++) {
      Key key = new Key(input, next);
      if (blocks.containsKey(key)) {
        break;
      }
      CompletableFuture<byte[]> future = new CompletableFuture<>();
      blocks.put(key, future);
      mine.add(future);
    }
    return mine.getFirst();
  }

  private void load(S3Input input, long block, List<CompletableFuture<byte[]>> futures) {
    long start = block * BLOCK_BYTES;
    long lengthBytes = Math.min(input.lengthBytes() - start, (long) futures.size() * BLOCK_BYTES);
    try {
      ByteBuffer run = ByteBuffer.allocate((int) lengthBytes);
      input.fetch(start, run);
      run.flip();
      for (CompletableFuture<byte[]> future : futures) {
        byte[] bytes = new byte[Math.min(BLOCK_BYTES, run.remaining())];
        run.get(bytes);
        future.complete(bytes);
      }
    } catch (RuntimeException | Error e) {
      forget(input, block, futures.size());
      futures.forEach(future -> future.completeExceptionally(e));
    }
  }

  private synchronized void forget(S3Input input, long block, int count) {
    for (int i = 0; i < count; i++) {
      blocks.remove(new Key(input, block + i));
    }
  }

  private static byte[] await(S3Input input, CompletableFuture<byte[]> block) {
    try {
      return block.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KedgeException(ErrorCode.INTERRUPTED, "Stopped while reading " + input, e);
    } catch (ExecutionException e) {
      throw unchecked(e.getCause());
    }
  }

  private static RuntimeException unchecked(@Nullable Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException e ? e : new IllegalStateException(cause);
  }
}
