package dev.kedge.ceph;

import java.util.ArrayList;
import java.util.List;

/** The installed librados and librbd. Thread-safe. */
public final class CephLibraries {
  private CephLibraries() {}

  /**
   * Resolves every function that Kedge may call.
   *
   * @return those that the installed version does not have; they fail only when they are called
   * @throws dev.kedge.base.KedgeException with LIBRARY_MISSING where a library cannot be loaded
   */
  public static List<String> bindAll() {
    List<String> missing = new ArrayList<>(LibRados.library().bindAll());
    missing.addAll(LibRbd.library().bindAll());
    return missing;
  }
}
