package dev.kedge.repository;

import dev.kedge.repository.s3.S3Options;
import dev.kedge.repository.s3.S3Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The lab's RADOS Gateway: {@code lab/ceph up --rgw}, and the variables of {@code lab/ceph env}.
 * Each test has a prefix of its own in the lab's bucket; what is left there goes with the lab.
 */
public final class LabS3 {
  public static final String BUCKET = "kedge";

  private LabS3() {}

  /** A place in the bucket where nothing is yet. */
  public static String newLocation() {
    return "s3://" + BUCKET + "/test/" + UUID.randomUUID();
  }

  /** A target in such a place. */
  static BackupTarget newTarget() {
    return target(newLocation());
  }

  static BackupTarget target(String location) {
    return S3Target.open(location, options(endpoint()));
  }

  /** The gateway's URL. */
  public static URI endpoint() {
    return URI.create(variable("AWS_ENDPOINT_URL_S3"));
  }

  /** The same by TLS, with a certificate that no authority has signed. */
  public static URI tlsEndpoint() {
    return URI.create("https://127.0.0.1:" + (endpoint().getPort() + 1));
  }

  public static Path certificate() {
    return folder().resolve("cert.pem");
  }

  /** Options for the gateway by another URL. */
  public static S3Options options(URI endpoint) {
    return new S3Options(endpoint, "us-east-1", true, null);
  }

  /** The lab's file of a user's keys, as properties: {@code kedge} or {@code stranger}. */
  public static Properties keys(String user) {
    Properties keys = new Properties();
    try (var reader = Files.newBufferedReader(folder().resolve(user + ".env"))) {
      keys.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return keys;
  }

  private static Path folder() {
    return Path.of(variable("KEDGE_LAB_RGW"));
  }

  private static String variable(String name) {
    @Nullable String value = System.getenv(name);
    if (value == null) {
      throw new AssertionError(
          name + " is not set: 'lab/ceph up --rgw', then eval \"$(lab/ceph env)\"");
    }
    return value;
  }
}
