package dev.kedge.ceph;

import dev.kedge.base.KedgeException;
import java.util.ArrayList;
import java.util.List;

/** The installed librados and librbd. Thread-safe. */
public final class CephLibraries {
  private CephLibraries() {}

  /**
   * Resolves every function that Kedge may call.
   *
   * @return those that the installed version does not have; they fail only when they are called
   * @throws KedgeException with LIBRARY_MISSING where a library cannot be loaded
   */
  public static List<String> bindAll() {
    List<String> missing = new ArrayList<>(LibRados.library().bindAll());
    missing.addAll(LibRbd.library().bindAll());
    return missing;
  }

  /**
   * Loads the libraries and resolves what nearly every use of an image calls, so that another
   * thread can do that while a command is still finding out what it is to do. Whatever fails here
   * fails again, with its reason, where it is needed; {@code false} then.
   */
  public static boolean bindCommon() {
    try {
      LibRados.COMMON.forEach(NativeFunction::bind);
      LibRbd.COMMON.forEach(NativeFunction::bind);
      return true;
    } catch (KedgeException e) {
      return false;
    }
  }
}
