package dev.kedge.engine.restore;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.plan.ExtentList;
import java.lang.foreign.MemorySegment;

/** Reads everything that a restore would read, proves it, and writes nothing. */
public final class DataProof {
  private DataProof() {}

  /**
   * Proves every cluster of a range by its checksum.
   *
   * @param from where it starts, at the start of a cluster of every layer; ranges of one reader
   *     must ascend
   * @param to where it ends, exclusively: at the start of a cluster, or the image's end
   * @return the bytes proven
   * @throws dev.kedge.base.KedgeException with VERIFICATION_FAILED at the first cluster that is
   *     damaged
   */
  public static long of(
      RestorePointReader reader,
      long from,
      long to,
      int workers,
      Progress progress,
      CancelToken cancel)
      throws Exception {
    ExtentList range = new ExtentList();
    range.add(from, to - from, false);
    return new RestorePipeline(reader, range, new Nowhere(), workers, progress, cancel).run();
  }

  private static final class Nowhere implements RestoreSink {
    @Override
    public int granuleBytes() {
      return 1;
    }

    @Override
    public void data(long offset, MemorySegment bytes, Runnable whenWritten) {
      whenWritten.run();
    }

    @Override
    public void hole(long offset, long lengthBytes) {}

    @Override
    public void commit() {}

    @Override
    public void close() {}
  }
}
