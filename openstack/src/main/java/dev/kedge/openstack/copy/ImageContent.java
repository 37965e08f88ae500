package dev.kedge.openstack.copy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.backup.StreamSource;
import dev.kedge.openstack.glance.Image;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A raw image as it is downloaded, with the digest that Glance computed when it was uploaded. */
final class ImageContent implements StreamSource.Content {
  private final Image image;
  private final InputStream stream;
  private final @Nullable MessageDigest digest;

  ImageContent(Image image, InputStream body) {
    this.image = image;
    this.digest = digest(image);
    this.stream = digest == null ? body : new DigestInputStream(body, digest);
  }

  /** Null where Glance tells none, or one that is not known here. */
  private static @Nullable MessageDigest digest(Image image) {
    String algorithm = image.hashAlgorithm();
    if (algorithm == null || image.hashValue() == null) {
      return null;
    }
    try {
      // Glance says sha512 where Java says SHA-512 (glance: hashing_algorithm).
      return MessageDigest.getInstance(algorithm.replaceFirst("^sha(?=\\d)", "SHA-"));
    } catch (NoSuchAlgorithmException e) {
      return null;
    }
  }

  @Override
  public long sizeBytes() {
    return image.sizeBytes();
  }

  @Override
  public InputStream stream() {
    return stream;
  }

  @Override
  public void prove() {
    String expected = image.hashValue();
    if (digest == null || expected == null) {
      return;
    }
    String found = HexFormat.of().formatHex(digest.digest());
    if (!found.equals(expected.toLowerCase(Locale.ROOT))) {
      throw new KedgeException(
          ErrorCode.FAILED,
          "what Glance sent of image %s is not what was uploaded (%s): run the backup again"
              .formatted(image.name(), image.hashAlgorithm()));
    }
  }

  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException e) {
      // It was read to its end, or that failed and is reported.
      return;
    }
  }
}
