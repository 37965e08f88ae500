package dev.kedge.repository.s3;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.profiles.Profile;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileSystemSetting;

/**
 * Where the store is, by options, then environment, then profile files; in the order and with the
 * names of the AWS SDKs and Tools Reference Guide. The SDK knows most of it, too, but does not say
 * what it found, and without that there is neither a style of addressing nor a clear message.
 */
final class AwsSettings {
  private final S3Options options;
  private final UnaryOperator<@Nullable String> environment;
  private final ProfileFile profiles;
  private final String profileName;

  AwsSettings(S3Options options) {
    this(
        options,
        System::getenv,
        ProfileFile.defaultProfileFile(),
        ProfileFileSystemSetting.AWS_PROFILE.getStringValueOrThrow());
  }

  AwsSettings(
      S3Options options,
      UnaryOperator<@Nullable String> environment,
      ProfileFile profiles,
      String profileName) {
    this.options = options;
    this.environment = environment;
    this.profiles = profiles;
    this.profileName = profileName;
  }

  /** The store's URL; empty for AWS itself. */
  Optional<URI> endpoint() {
    if (options.endpoint() != null) {
      return Optional.of(url(options.endpoint().toString(), "--s3-endpoint"));
    }
    if (variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        .filter("true"::equalsIgnoreCase)
        .isPresent()) {
      return Optional.empty();
    }
    return variable("AWS_ENDPOINT_URL_S3")
        .or(() -> variable("AWS_ENDPOINT_URL"))
        .or(this::serviceEndpoint)
        .or(() -> property("endpoint_url"))
        .map(text -> url(text, "the AWS environment or profile"));
  }

  private Optional<String> serviceEndpoint() {
    return property("services")
        .flatMap(section -> profiles.getSection("services", section))
        .flatMap(section -> section.property("s3.endpoint_url"));
  }

  private static URI url(String text, String source) {
    try {
      URI url = new URI(text);
      if (("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
          && url.getHost() != null
          && url.getUserInfo() == null) {
        return url;
      }
    } catch (URISyntaxException e) {
      // The same failure as any other text that is no such URL.
    }
    throw new KedgeException(
        ErrorCode.USAGE,
        "the endpoint from " + source + " is no URL of the form http[s]://HOST[:PORT]");
  }

  /** The region, as far as it is said anywhere. */
  Optional<String> region() {
    return Optional.ofNullable(options.region())
        .or(() -> variable("AWS_REGION"))
        .or(() -> variable("AWS_DEFAULT_REGION"))
        .or(() -> property("region"));
  }

  /** Whether the bucket goes into the path: by default everywhere but with AWS itself. */
  boolean pathStyle() {
    if (options.pathStyle() != null) {
      return options.pathStyle();
    }
    return property("s3.addressing_style")
        .filter(style -> !style.equals("auto"))
        .map("path"::equals)
        .orElseGet(() -> endpoint().isPresent());
  }

  /** The file of authorities to believe instead of Java's. */
  Optional<Path> caFile() {
    return Optional.ofNullable(options.caFile())
        .or(() -> variable("AWS_CA_BUNDLE").or(() -> property("ca_bundle")).map(Path::of));
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(environment.apply(name)).filter(value -> !value.isBlank());
  }

  private Optional<String> property(String name) {
    return profiles.profile(profileName).flatMap((Profile profile) -> profile.property(name));
  }
}
