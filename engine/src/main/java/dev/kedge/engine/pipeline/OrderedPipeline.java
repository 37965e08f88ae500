package dev.kedge.engine.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs items through parallel workers and hands them to one sink in the order in which they came:
 * caller → workers → sink. The first failure anywhere ends the run: what comes later is given to
 * {@link Stages#discard} instead, still in order, so that every item is let go exactly once.
 *
 * <p>{@link #submit} and {@link #finish} are for one thread. Threads are platform threads: stages
 * call native code, which would pin virtual ones.
 */
public final class OrderedPipeline<T> implements AutoCloseable {
  /** The part of the work that may run beside others, with what one thread needs for it. */
  public interface Worker<T> extends AutoCloseable {
    /** Works on an item. */
    void work(T item) throws Exception;

    @Override
    void close();
  }

  /** What happens to an item. Each method lets exceptions through: they end the run. */
  public interface Stages<T> {
    /** A worker for the thread that calls, which also closes it. */
    Worker<T> newWorker();

    /** The part that runs in order; called on the sink's thread. It lets the item go, always. */
    void sink(T item) throws Exception;

    /** Lets an item go that will not be written; called in order on the sink's thread. */
    void discard(T item);

    /**
     * Called on the sink's thread when no item waits for it.
     *
     * @return whether it did something, and may be called again
     */
    default boolean idle() throws Exception {
      return false;
    }

    /** Called on the sink's thread when the last item has passed, unless the run failed. */
    default void drained() throws Exception {}

    /** Called once when the run has failed, so that a waiting {@code submit} can be woken. */
    default void failed() {}
  }

  private static final class Slot<T> {
    final @Nullable T item;
    final CountDownLatch worked = new CountDownLatch(1);

    Slot(@Nullable T item) {
      this.item = item;
    }
  }

  private final Stages<T> stages;
  private final BlockingQueue<Slot<T>> toWorkers;
  private final BlockingQueue<Slot<T>> toSink;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final List<Thread> threads = new ArrayList<>();
  private final int workers;
  private boolean finished;

  /** A pipeline of so many workers with at most {@code depth} items between caller and sink. */
  public OrderedPipeline(String name, int workers, int depth, Stages<T> stages) {
    this.stages = stages;
    this.workers = workers;
    this.toWorkers = new ArrayBlockingQueue<>(depth + workers);
    this.toSink = new ArrayBlockingQueue<>(depth + 1);
    for (int i = 0; i < workers; i++) {
      start(name + "-worker-" + i, this::runWorker);
    }
    start(name + "-sink", this::runSink);
  }

  /**
   * Hands an item over; waits while too many are under way. After a failure the item is discarded
   * and the failure is thrown by {@link #finish}. An interruption is kept for later: an item that
   * was half handed over could never be let go.
   *
   * @return false once the run has failed: submit no more
   */
  public boolean submit(T item) {
    Slot<T> slot = new Slot<>(item);
    boolean interrupted = put(toSink, slot);
    interrupted |= put(toWorkers, slot);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return failure.get() == null;
  }

  /** Waits until every item has passed the sink; throws the first failure. */
  public void finish() throws Exception {
    end();
    Throwable first = failure.get();
    if (first instanceof Exception exception) {
      throw exception;
    }
    if (first instanceof Error error) {
      throw error;
    }
  }

  /** Ends the run; items under way are discarded where {@link #finish} has not been called. */
  @Override
  public void close() {
    if (!finished) {
      fail(new IllegalStateException("the pipeline was closed early"));
      end();
    }
  }

  private void end() {
    if (finished) {
      return;
    }
    finished = true;
    boolean interrupted = false;
    for (int i = 0; i < workers; i++) {
      interrupted |= put(toWorkers, new Slot<>(null));
    }
    interrupted |= put(toSink, new Slot<>(null));
    for (Thread thread : threads) {
      interrupted |= join(thread);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // Returns whether the thread was interrupted meanwhile.
  private static <S> boolean put(BlockingQueue<S> queue, S element) {
    boolean interrupted = false;
    while (true) {
      try {
        queue.put(element);
        return interrupted;
      } catch (InterruptedException e) {
        // Memory is freed after this: the threads that use it must end first.
        interrupted = true;
      }
    }
  }

  private static boolean join(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  private void start(String name, Runnable body) {
    Thread thread = Thread.ofPlatform().name(name).daemon(true).start(body);
    threads.add(thread);
  }

  private void runWorker() {
    boolean more = true;
    try (Worker<T> worker = stages.newWorker()) {
      while (more) {
        more = work(worker);
      }
    } catch (Throwable e) {
      fail(e);
    }
    while (more) {
      more = work(null);
    }
  }

  // Returns false at the end marker. Without a worker items only pass, to be discarded.
  private boolean work(@Nullable Worker<T> worker) {
    Slot<T> slot = take(toWorkers);
    T item = slot.item;
    if (item == null) {
      return false;
    }
    try {
      if (worker != null && failure.get() == null) {
        worker.work(item);
      }
    } catch (Throwable e) {
      fail(e);
    } finally {
      slot.worked.countDown();
    }
    return true;
  }

  private void runSink() {
    while (true) {
      Slot<T> slot = toSink.poll();
      if (slot == null) {
        slot = idle() ? null : take(toSink);
      }
      if (slot == null) {
        continue;
      }
      T item = slot.item;
      if (item == null) {
        drain();
        return;
      }
      awaitWorked(slot);
      pass(item);
    }
  }

  private void pass(T item) {
    try {
      if (failure.get() == null) {
        stages.sink(item);
        return;
      }
    } catch (Throwable e) {
      fail(e);
      return;
    }
    try {
      stages.discard(item);
    } catch (Throwable e) {
      fail(e);
    }
  }

  private boolean idle() {
    try {
      return failure.get() == null && stages.idle();
    } catch (Throwable e) {
      fail(e);
      return false;
    }
  }

  private void drain() {
    try {
      if (failure.get() == null) {
        stages.drained();
      }
    } catch (Throwable e) {
      fail(e);
    }
  }

  private void fail(Throwable e) {
    if (failure.compareAndSet(null, e)) {
      stages.failed();
    }
  }

  // The pipeline's own threads are never interrupted from outside: they end by the end marker.
  private static <S> S take(BlockingQueue<S> queue) {
    while (true) {
      try {
        return queue.take();
      } catch (InterruptedException e) {
        // Not asked to stop: what is under way has to be let go first.
      }
    }
  }

  private static void awaitWorked(Slot<?> slot) {
    while (true) {
      try {
        slot.worked.await();
        return;
      } catch (InterruptedException e) {
        // Not asked to stop: what is under way has to be let go first.
      }
    }
  }
}
