package dev.kedge.openstack.client;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds a version's URL behind an unversioned endpoint, and the microversions of a versioned one,
 * as the API-SIG's guideline has it:
 * https://specs.openstack.org/openstack/api-sig/guidelines/consuming-catalog/version-discovery.html
 */
final class VersionDiscovery {
  private final Function<ApiRequest, ApiResponse> send;
  private final Duration timeout;

  /** Sends by that: with a token where there is one, since Cinder and others want it. */
  VersionDiscovery(Function<ApiRequest, ApiResponse> send, Duration timeout) {
    this.send = send;
    this.timeout = timeout;
  }

  /** The endpoint with its version. */
  URI versioned(ServiceType service, URI endpoint) {
    Optional<EndpointPath> path = EndpointPath.of(endpoint);
    if (path.isEmpty()) {
      return Uris.withPath(endpoint, discoveredPath(service, endpoint));
    }
    if (path.get().majorVersion() != service.majorVersion()) {
      throw new KedgeException(
          ErrorCode.USAGE,
          "%s is not version %d of %s, which Kedge needs: set another %s_endpoint_override"
              .formatted(
                  endpoint,
                  service.majorVersion(),
                  service.project(),
                  service.type().replace('-', '_')));
    }
    return endpoint;
  }

  /** The path that the service itself names, if it is below the endpoint; else the usual one. */
  private String discoveredPath(ServiceType service, URI endpoint) {
    String above = Uris.stripSlash(endpoint.getRawPath());
    return versions(service, endpoint).stream()
        .filter(version -> majorOf(version) == service.majorVersion())
        .flatMap(version -> version.objectsOrEmpty("links").stream())
        .filter(link -> "self".equals(link.textOrNull("rel")))
        .map(link -> pathOf(link.textOrEmpty("href")))
        .filter(path -> path.startsWith(above + "/v"))
        .findFirst()
        .orElse(above + "/" + service.versionPath());
  }

  private static String pathOf(String url) {
    try {
      String path = URI.create(url).getRawPath();
      return path == null ? "" : Uris.stripSlash(path);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static int majorOf(ApiObject version) {
    String id = version.textOrEmpty("id");
    return id.matches("v\\d{1,3}(\\..*)?")
        ? Integer.parseInt(id.substring(1).replaceFirst("\\..*", ""))
        : -1;
  }

  /**
   * The microversion to speak: the highest that both sides know.
   *
   * @throws KedgeException REFUSED where the service is too old or too new
   */
  Microversion microversion(ServiceType service, ServiceType.Range range, URI endpoint) {
    ApiObject version =
        versions(service, EndpointPath.of(endpoint).map(EndpointPath::root).orElse(endpoint))
            .stream()
            .filter(found -> majorOf(found) == service.majorVersion())
            .filter(found -> Microversion.parse(found.textOrEmpty("version")).isPresent())
            .findFirst()
            .orElseThrow(() -> unsuitable(service, range, "no microversions"));
    Microversion highest = Microversion.parse(version.text("version")).orElseThrow();
    Microversion lowest =
        Microversion.parse(version.textOrEmpty("min_version")).orElse(range.minimum());
    Microversion chosen = highest.compareTo(range.wanted()) < 0 ? highest : range.wanted();
    if (chosen.compareTo(range.minimum()) < 0 || chosen.compareTo(lowest) < 0) {
      throw unsuitable(service, range, lowest + " to " + highest);
    }
    return chosen;
  }

  private static KedgeException unsuitable(
      ServiceType service, ServiceType.Range range, String offered) {
    return new KedgeException(
        ErrorCode.REFUSED,
        "%s offers %s, but Kedge needs one from %s to %s: use a cloud of OpenStack Train or newer"
            .formatted(service.project(), offered, range.minimum(), range.wanted()));
  }

  /** The versions that a URL lists, in whichever of the shapes that are in use. */
  private List<ApiObject> versions(ServiceType service, URI url) {
    ApiRequest request =
        ApiRequest.withoutBody(service.project(), "GET", Uris.append(url, "/"), timeout);
    ApiResponse response = send.apply(request);
    // A list of choices may come as 300.
    if (!response.isSuccess() && response.status() != 300) {
      throw HttpError.of(request, response);
    }
    ApiObject body = ServiceAnswer.object(request, response);
    List<ApiObject> found = new ArrayList<>();
    ApiObject single = body.objectOrNull("version");
    if (single != null) {
      found.add(single);
    }
    ApiObject versions = body.objectOrNull("versions");
    found.addAll(
        versions == null ? body.objectsOrEmpty("versions") : versions.objectsOrEmpty("values"));
    return found;
  }
}
