package dev.kedge.qcow2;

import java.io.IOException;

/** Takes the extents of one file in ascending order. */
@FunctionalInterface
public interface ExtentVisitor {
  /** Called once for each extent. */
  void visit(Extent extent) throws IOException;
}
