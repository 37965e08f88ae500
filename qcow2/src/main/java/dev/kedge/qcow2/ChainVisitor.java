package dev.kedge.qcow2;

import java.io.IOException;

/** Takes the extents of a chain in ascending order. */
@FunctionalInterface
public interface ChainVisitor {
  /**
   * Called once for each extent.
   *
   * @param layer the index of the file that holds it, 0 being the top; -1 where no file does, which
   *     reads as zeroes (UNALLOCATED, or ZERO past the end of a shorter backing file)
   */
  void visit(int layer, Extent extent) throws IOException;
}
