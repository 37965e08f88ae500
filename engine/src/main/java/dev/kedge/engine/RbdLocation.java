package dev.kedge.engine;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.ImageIdentity;

/**
 * An RBD image as a user names it: {@code rbd:POOL/IMAGE} or {@code rbd:POOL/NAMESPACE/IMAGE}.
 *
 * @param namespace empty for the default one
 */
public record RbdLocation(String pool, String namespace, String image) {
  private static final String SCHEME = "rbd:";

  /** Whether the text claims to be an RBD image. */
  public static boolean claims(String text) {
    return text.startsWith(SCHEME);
  }

  /**
   * Reads a location.
   *
   * @throws KedgeException with USAGE where it is not of the form
   */
  public static RbdLocation parse(String text) {
    if (!claims(text)) {
      throw notALocation(text, "it does not start with rbd:");
    }
    if (text.indexOf('@') >= 0) {
      throw notALocation(text, "Kedge takes the snapshot itself, so none can be named");
    }
    String[] parts = text.substring(SCHEME.length()).split("/", -1);
    if (parts.length < 2 || parts.length > 3) {
      throw notALocation(text, "a pool and an image are needed");
    }
    for (String part : parts) {
      if (part.isEmpty()) {
        throw notALocation(text, "a part of it is empty");
      }
    }
    return parts.length == 2
        ? new RbdLocation(parts[0], "", parts[1])
        : new RbdLocation(parts[0], parts[1], parts[2]);
  }

  /** The same in the cluster with this fsid, as repositories know it. */
  public ImageIdentity identity(String clusterFsid) {
    return new ImageIdentity(clusterFsid, pool, namespace, image);
  }

  private static KedgeException notALocation(String text, String why) {
    return new KedgeException(
        ErrorCode.USAGE,
        "'" + text + "' names no RBD image: " + why + " (rbd:POOL[/NAMESPACE]/IMAGE)");
  }

  @Override
  public String toString() {
    return SCHEME + pool + "/" + (namespace.isEmpty() ? "" : namespace + "/") + image;
  }
}
