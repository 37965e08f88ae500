package dev.kedge.cli.testing;

import java.nio.file.Path;
import java.util.Objects;

/** RBD images through QEMU and rbd, which know nothing of Kedge. */
public final class RawDisk {
  private RawDisk() {}

  /** Writes into some places of an image, other bytes for each seed. */
  public static void scribble(String image, int seed) {
    int pattern = 1 + seed % 255;
    Programs.run(
        "qemu-io",
        "-f",
        "raw",
        "-c",
        "write -P %d 0 1M".formatted(pattern),
        "-c",
        "write -P %d 5M 3M".formatted(pattern),
        "-c",
        "write -P %d 900M 64k".formatted(pattern),
        "rbd:" + image + ":conf=" + Objects.requireNonNull(System.getenv("CEPH_CONF")));
  }

  /**
   * Writes or reads through the encryption of an image of which a file holds the passphrase.
   *
   * @return whether what was read is as it should be
   */
  public static boolean encrypted(String image, Path passphrase, String command) {
    String[] poolAndName = image.split("/", 2);
    return Programs.status(
                "qemu-io",
                "--object",
                "secret,id=s,file=" + passphrase,
                "--image-opts",
                "driver=luks,key-secret=s,file.driver=rbd,file.pool=%s,file.image=%s,file.conf=%s"
                    .formatted(
                        poolAndName[0],
                        poolAndName[1],
                        Objects.requireNonNull(System.getenv("CEPH_CONF"))),
                "-c",
                command)
            .status()
        == 0;
  }

  /** A digest of all that is in an image. */
  public static String digest(String image) {
    return Programs.run(
            "bash",
            "-c",
            "set -o pipefail; rbd export --no-progress '%s' - | md5sum".formatted(image))
        .strip();
  }

  /** The same of a file. */
  public static String digestOfFile(Path file) {
    return Programs.run("bash", "-c", "md5sum < '%s'".formatted(file)).strip();
  }
}
