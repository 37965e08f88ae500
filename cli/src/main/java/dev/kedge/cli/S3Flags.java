package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.s3.S3Options;
import dev.kedge.repository.s3.S3Target;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * How an S3 target is reached, where the environment and the profile files of AWS do not say it.
 * There is no option for a key: command lines are seen by everybody.
 */
final class S3Flags {
  @Option(
      names = "--s3-endpoint",
      paramLabel = "URL",
      description = "the store's URL (default: AWS_ENDPOINT_URL_S3, the profile, else AWS)")
  private @Nullable URI endpoint;

  @Option(
      names = "--s3-region",
      paramLabel = "NAME",
      description = "the bucket's region (default: AWS_REGION, the profile)")
  private @Nullable String region;

  @Option(
      names = "--s3-path-style",
      negatable = true,
      description = "the bucket in the URL's path (default: yes, but for AWS itself)")
  private @Nullable Boolean pathStyle;

  @Option(
      names = "--s3-ca",
      paramLabel = "FILE",
      description = "authorities, in PEM, of the store's certificate (default: AWS_CA_BUNDLE)")
  private @Nullable Path caFile;

  /** Whether a target is in a bucket. */
  static boolean isBucket(String location) {
    return location.startsWith("s3://");
  }

  // Nothing else of kedge names the classes behind this: they cost a second to load.
  BackupTarget open(String location) {
    return S3Target.open(location, new S3Options(endpoint, region, pathStyle, caFile));
  }

  /** The same options again, for a command to be run later; each with a space before it. */
  String words() {
    StringBuilder words = new StringBuilder();
    if (endpoint != null) {
      words.append(" --s3-endpoint ").append(endpoint);
    }
    if (region != null) {
      words.append(" --s3-region ").append(region);
    }
    if (pathStyle != null) {
      words.append(pathStyle ? " --s3-path-style" : " --no-s3-path-style");
    }
    if (caFile != null) {
      words.append(" --s3-ca ").append(caFile);
    }
    return words.toString();
  }

  /** Throws where one of the options was given: the user takes the target for another one. */
  void requireNone() {
    if (endpoint != null || region != null || pathStyle != null || caFile != null) {
      throw new KedgeException(
          ErrorCode.USAGE, "--s3-… options go with a target s3://BUCKET/PREFIX only");
    }
  }
}
