package dev.kedge.repository.s3;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a user says of a store beside the environment and the profile files of AWS, which count
 * where a value is null. Credentials come from there alone.
 *
 * @param endpoint the store's URL
 * @param region the region that requests are signed for
 * @param pathStyle whether the bucket goes into the path instead of the host's name
 * @param caFile the authorities, in PEM, that the store's certificate may be from
 */
public record S3Options(
    @Nullable URI endpoint,
    @Nullable String region,
    @Nullable Boolean pathStyle,
    @Nullable Path caFile) {
  /** Everything as the environment says. */
  public static final S3Options NONE = new S3Options(null, null, null, null);
}
