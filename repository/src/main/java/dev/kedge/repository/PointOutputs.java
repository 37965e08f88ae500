package dev.kedge.repository;

/** The two objects of a restore point that is being written; to be flushed before its commit. */
public record PointOutputs(ObjectOutput data, ObjectOutput sums) implements AutoCloseable {
  /** Closes both. */
  @Override
  public void close() {
    try (data) {
      sums.close();
    }
  }
}
