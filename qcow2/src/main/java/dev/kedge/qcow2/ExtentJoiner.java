package dev.kedge.qcow2;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Joins neighbours that belong together before they reach a visitor. Not thread-safe. */
final class ExtentJoiner implements ChainVisitor {
  private final ChainVisitor visitor;
  private @Nullable Extent pending;
  private int pendingLayer;

  ExtentJoiner(ChainVisitor visitor) {
    this.visitor = visitor;
  }

  @Override
  public void visit(int layer, Extent extent) throws IOException {
    if (pending != null && layer == pendingLayer && pending.continuesWith(extent)) {
      pending = pending.join(extent);
    } else {
      finish();
      pending = extent;
      pendingLayer = layer;
    }
  }

  /** Hands over the last extent. */
  void finish() throws IOException {
    if (pending != null) {
      Extent last = pending;
      pending = null;
      visitor.visit(pendingLayer, last);
    }
  }
}
