package dev.kedge.engine.plan;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The fine diffs of scattered objects, a few at once: each waits for an answer of its OSD, and
 * thousands of them one after another are what planning an increment takes its time for.
 */
final class ObjectDiffs {
  // As many as one diff of a long range asks at once: rbd_concurrent_management_ops is 10.
  private static final int AT_ONCE = 8;

  /** Asks one range, and adds what it hears. Called on several threads, each with its own list. */
  interface Diff {
    void ask(long offset, long lengthBytes, ExtentList into);
  }

  private final ExtentList objects;
  private final Diff diff;

  ObjectDiffs(ExtentList objects, Diff diff) {
    this.objects = objects;
    this.diff = diff;
  }

  /** Adds the answers in ascending order; objects that are known to be zero are not asked. */
  void into(ExtentList changed) {
    int slices = Math.min(AT_ONCE, objects.size());
    if (slices <= 1) {
      ask(0, objects.size(), changed);
      return;
    }
    List<CompletableFuture<ExtentList>> answers = new ArrayList<>();
    try (ExecutorService threads =
        Executors.newFixedThreadPool(slices, Thread.ofPlatform().name("plan-", 0).factory())) {
      for (int i = 0; i < slices; i++) {
        int first = sliceStart(i, slices);
        int end = sliceStart(i + 1, slices);
        answers.add(
            CompletableFuture.supplyAsync(
                () -> slice(first, end, ExtentList.LIMIT / slices), threads));
      }
    }
    for (CompletableFuture<ExtentList> answer : answers) {
      result(answer).forEach(changed::add);
    }
  }

  private int sliceStart(int slice, int slices) {
    return (int) ((long) objects.size() * slice / slices);
  }

  private ExtentList slice(int first, int end, int limit) {
    ExtentList answers = new ExtentList(limit);
    ask(first, end, answers);
    return answers;
  }

  private void ask(int first, int end, ExtentList into) {
    for (int i = first; i < end; i++) {
      long offset = objects.offset(i);
      long lengthBytes = objects.end(i) - offset;
      if (objects.isZero(i)) {
        into.add(offset, lengthBytes, true);
      } else {
        diff.ask(offset, lengthBytes, into);
      }
    }
  }

  private static ExtentList result(CompletableFuture<ExtentList> answer) {
    try {
      return answer.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case KedgeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default ->
            throw new KedgeException(ErrorCode.FAILED, "The diff failed: " + e.getMessage(), e);
      }
    }
  }
}
