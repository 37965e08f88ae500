package dev.kedge.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

// A pipeline that does not end is the failure to be found here.
@Timeout(60)
class OrderedPipelineTest {
  private static final int ITEMS = 500;

  /** Where it fails. */
  enum Place {
    NEW_WORKER,
    WORK,
    CLOSE_WORKER,
    SINK,
    DISCARD,
    IDLE,
    DRAINED
  }

  /** Remembers what became of each item; fails where it is told to. */
  private static class Stages implements OrderedPipeline.Stages<Integer> {
    final List<Integer> passed = new ArrayList<>();
    final Set<Integer> worked = ConcurrentHashMap.newKeySet();
    final AtomicInteger sunk = new AtomicInteger();
    final AtomicInteger failures = new AtomicInteger();
    final AtomicInteger open = new AtomicInteger();

    @SuppressWarnings("UnusedVariable") // for those who override it
    void at(Place place, int item) throws IOException {}

    private void unchecked(Place place, int item) {
      try {
        at(place, item);
      } catch (IOException e) {
        throw new IllegalStateException(e.getMessage());
      }
    }

    @Override
    public OrderedPipeline.Worker<Integer> newWorker() {
      unchecked(Place.NEW_WORKER, -1);
      open.incrementAndGet();
      return new OrderedPipeline.Worker<>() {
        @Override
        public void work(Integer item) throws IOException {
          at(Place.WORK, item);
          worked.add(item);
        }

        @Override
        public void close() {
          open.decrementAndGet();
          unchecked(Place.CLOSE_WORKER, -1);
        }
      };
    }

    @Override
    public void sink(Integer item) throws IOException {
      passed.add(item);
      at(Place.SINK, item);
      assertThat(worked).contains(item);
      sunk.incrementAndGet();
    }

    @Override
    public void discard(Integer item) {
      passed.add(item);
      unchecked(Place.DISCARD, item);
    }

    @Override
    public boolean idle() throws IOException {
      at(Place.IDLE, -1);
      return false;
    }

    @Override
    public void drained() throws IOException {
      at(Place.DRAINED, -1);
    }

    @Override
    public void failed() {
      failures.incrementAndGet();
    }
  }

  private static List<Integer> submitAll(OrderedPipeline<Integer> pipeline) {
    List<Integer> submitted = new ArrayList<>();
    for (int i = 0; i < ITEMS; i++) {
      submitted.add(i);
      if (!pipeline.submit(i)) {
        break;
      }
    }
    return submitted;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void theOrderIsKeptWhateverTheWorkersDo(int workers) throws Exception {
    Random random = new Random(7);
    int[] spins = IntStream.range(0, ITEMS).map(i -> random.nextInt(20_000)).toArray();
    Stages stages =
        new Stages() {
          @Override
          void at(Place place, int item) {
            for (int i = 0; place == Place.WORK && i < spins[item]; i++) {
              Thread.onSpinWait();
            }
          }
        };
    try (OrderedPipeline<Integer> pipeline = new OrderedPipeline<>("test", workers, 8, stages)) {
      assertThat(submitAll(pipeline)).hasSize(ITEMS);
      pipeline.finish();
    }
    assertThat(stages.passed).isEqualTo(IntStream.range(0, ITEMS).boxed().toList());
    assertThat(stages.sunk).hasValue(ITEMS);
    assertThat(stages.failures).hasValue(0);
    assertThat(stages.open).hasValue(0);
  }

  @ParameterizedTest
  @EnumSource(
      value = Place.class,
      names = {"NEW_WORKER", "WORK", "CLOSE_WORKER", "SINK", "IDLE", "DRAINED"})
  void aFailureAnywhereEndsTheRunAndLetsEveryItemGoOnce(Place failing) {
    for (int workers = 1; workers <= 3; workers++) {
      Stages stages =
          new Stages() {
            @Override
            void at(Place place, int item) throws IOException {
              if (place == failing && (item < 0 || item == 100)) {
                throw new IOException("broken");
              }
            }
          };
      List<Integer> submitted;
      try (OrderedPipeline<Integer> pipeline = new OrderedPipeline<>("test", workers, 8, stages)) {
        submitted = submitAll(pipeline);
        assertThatThrownBy(pipeline::finish).hasMessage("broken");
      }
      assertThat(stages.passed).isEqualTo(submitted);
      assertThat(stages.failures).hasValue(1);
      assertThat(stages.open).hasValue(0);
    }
  }

  @Test
  void aDiscardThatFailsStopsNoOther() {
    Stages stages =
        new Stages() {
          @Override
          void at(Place place, int item) throws IOException {
            if (place == Place.DISCARD || (place == Place.SINK && item == 50)) {
              throw new IOException("broken " + place);
            }
          }
        };
    List<Integer> submitted;
    try (OrderedPipeline<Integer> pipeline = new OrderedPipeline<>("test", 2, 8, stages)) {
      submitted = submitAll(pipeline);
      assertThatThrownBy(pipeline::finish).hasMessage("broken SINK");
    }
    assertThat(stages.passed).isEqualTo(submitted);
  }

  @Test
  void anErrorIsAFailureToo() {
    Stages stages =
        new Stages() {
          @Override
          void at(Place place, int item) {
            if (place == Place.WORK && item == 3) {
              throw new OutOfMemoryError("pretended");
            }
          }
        };
    try (OrderedPipeline<Integer> pipeline = new OrderedPipeline<>("test", 2, 8, stages)) {
      submitAll(pipeline);
      assertThatThrownBy(pipeline::finish).isInstanceOf(OutOfMemoryError.class);
    }
  }

  @Test
  void closingEarlyLetsWhatIsUnderWayGo() {
    CountDownLatch go = new CountDownLatch(1);
    Stages stages =
        new Stages() {
          @Override
          void at(Place place, int item) {
            if (place == Place.WORK) {
              awaitWhatever(go);
            }
          }
        };
    try (OrderedPipeline<Integer> pipeline = new OrderedPipeline<>("test", 2, 8, stages)) {
      for (int i = 0; i < 5; i++) {
        assertThat(pipeline.submit(i)).isTrue();
      }
      go.countDown();
    }
    assertThat(stages.passed).containsExactly(0, 1, 2, 3, 4);
    assertThat(stages.failures).hasValue(1);
  }

  @Test
  void anInterruptedCallerLeavesNoItemBehind() {
    Stages stages = new Stages();
    try (OrderedPipeline<Integer> pipeline = new OrderedPipeline<>("test", 2, 8, stages)) {
      pipeline.submit(0);
      Thread.currentThread().interrupt();
      pipeline.submit(1);
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
      assertThatCode(pipeline::finish).doesNotThrowAnyException();
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(stages.passed).containsExactly(0, 1);
  }

  private static void awaitWhatever(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
