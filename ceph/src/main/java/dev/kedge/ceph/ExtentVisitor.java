package dev.kedge.ceph;

/** Takes the extents of a diff, in ascending order. */
@FunctionalInterface
public interface ExtentVisitor {
  /**
   * One extent. An exception ends the diff, and comes out of it unchanged.
   *
   * @param exists false: the extent reads as zeroes now; true: it may hold anything, zeroes too
   */
  void visit(long offsetBytes, long lengthBytes, boolean exists);
}
