package dev.kedge.qcow2;

import java.util.ArrayList;
import java.util.List;

/** Collects what a check finds: all counted, the first ones listed. Not thread-safe. */
final class Findings {
  private final int maxListed;
  private final List<String> listed = new ArrayList<>();
  private long count;
  private long leaks;

  Findings(int maxListed) {
    this.maxListed = maxListed;
  }

  void corruption(String what) {
    if (listed.size() < maxListed) {
      listed.add(what);
    }
    count++;
  }

  void leak() {
    leaks++;
  }

  List<String> listed() {
    return listed;
  }

  long count() {
    return count;
  }

  long leaks() {
    return leaks;
  }
}
