package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One diff. All diffs share one upcall stub, as each stub costs executable memory; librbd hands the
 * diff's number back as the callback's argument.
 */
final class DiffIteration {
  private static final AtomicLong NUMBERS = new AtomicLong();
  private static final Map<Long, DiffIteration> RUNNING = new ConcurrentHashMap<>();

  private final RbdImage image;
  private final ExtentVisitor visitor;
  private @Nullable Throwable failure;

  DiffIteration(RbdImage image, ExtentVisitor visitor) {
    this.image = image;
    this.visitor = visitor;
  }

  void run(
      @Nullable String fromSnapshot,
      long offset,
      long lengthBytes,
      boolean includeParent,
      boolean wholeObject) {
    long number = NUMBERS.incrementAndGet();
    RUNNING.put(number, this);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = CStrings.of(arena, fromSnapshot);
      long result =
          image
              .handle()
              .use(p ->
                  LibRbd.DIFF_ITERATE2.call(
                      p,
                      from,
                      offset,
                      lengthBytes,
                      includeParent ? 1L : 0L,
                      wholeObject ? 1L : 0L,
                      Stub.UPCALL,
                      MemorySegment.ofAddress(number)));
      rethrow();
      String object = fromSnapshot == null ? "" : " from snapshot " + fromSnapshot;
      CephErrors.check(LibRbd.DIFF_ITERATE2, result, "the diff of image " + image.spec() + object);
    } finally {
      RUNNING.remove(number);
    }
  }

  private int visit(long offset, long length, boolean exists) {
    try {
      if (image.handle().isClosing()) {
        throw new IllegalStateException("image " + image.spec() + " is closed during a diff");
      }
      if (failure == null) {
        visitor.visit(offset, length, exists);
      }
    } catch (Throwable e) {
      // An exception that leaves an upcall ends the JVM.
      failure = e;
    }
    return failure == null ? 0 : Errno.ECANCELED.asReturnValue();
  }

  private void rethrow() {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new AssertionError("a visitor throws no checked exception", failure);
    }
  }

  /** Called by librbd: int (*)(uint64_t offset, size_t length, int exists, void *arg). */
  static int upcall(long offset, long length, int exists, MemorySegment argument) {
    DiffIteration diff = RUNNING.get(argument.address());
    return diff == null ? Errno.ECANCELED.asReturnValue() : diff.visit(offset, length, exists != 0);
  }

  /** Made at the first diff. */
  private static final class Stub {
    static final MemorySegment UPCALL = create();

    private static MemorySegment create() {
      try {
        return Linker.nativeLinker()
            .upcallStub(
                MethodHandles.lookup()
                    .findStatic(
                        DiffIteration.class,
                        "upcall",
                        MethodType.methodType(
                            int.class, long.class, long.class, int.class, MemorySegment.class)),
                FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS),
                Arena.global());
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(e.getMessage(), e);
      }
    }
  }
}
