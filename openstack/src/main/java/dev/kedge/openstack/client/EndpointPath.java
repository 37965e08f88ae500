package dev.kedge.openstack.client;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An endpoint's URL that says its API's version: {@code http://host:8776/v3/<project>}.
 *
 * @param root the URL up to the version, where the version describes itself
 */
record EndpointPath(int majorVersion, URI root) {
  private static final Pattern VERSIONED =
      Pattern.compile("(.*?/v(\\d{1,3})(?:\\.\\d{1,3})?)(?:/.*)?");

  /** Empty where the URL names no version. */
  static Optional<EndpointPath> of(URI endpoint) {
    Matcher matcher = VERSIONED.matcher(endpoint.getRawPath());
    return matcher.matches()
        ? Optional.of(
            new EndpointPath(
                Integer.parseInt(matcher.group(2)), Uris.withPath(endpoint, matcher.group(1))))
        : Optional.empty();
  }
}
