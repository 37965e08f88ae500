package dev.kedge.openstack.cloud;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings to a cloud's configuration, every word checked. */
final class CloudConfigReader {
  private static final String OVERRIDE = "_endpoint_override";
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(60);

  private final CloudSettings settings;
  private final Surroundings surroundings;

  CloudConfigReader(CloudSettings settings, Surroundings surroundings) {
    this.settings = settings;
    this.surroundings = surroundings;
  }

  CloudConfig read() {
    if (settings.has("cert")) {
      throw settings.wrong("asks for a client certificate (cert), which Kedge cannot present");
    }
    CredentialsReader credentials = new CredentialsReader(settings);
    URI authUrl = url("auth_url", settings.require("auth_url", "set it to Keystone's URL"));
    AuthMethod method = credentials.method();
    return new CloudConfig(
        settings.name(),
        authUrl,
        method,
        credentials.scope(method),
        settings.get("region_name"),
        endpointInterface(),
        caFile(),
        settings.flag("verify", true) && !settings.flag("insecure", false),
        CONNECT_TIMEOUT,
        requestTimeout(),
        endpointOverrides());
  }

  private EndpointInterface endpointInterface() {
    String word = settings.get("interface");
    return word == null
        ? EndpointInterface.PUBLIC
        : EndpointInterface.parse(word)
            .orElseThrow(
                () -> settings.wrong("has an interface that is not public, internal or admin"));
  }

  private @Nullable Path caFile() {
    String file = settings.get("cacert");
    return file == null ? null : surroundings.file(file);
  }

  private Duration requestTimeout() {
    String seconds = settings.get("api_timeout");
    if (seconds == null) {
      return REQUEST_TIMEOUT;
    }
    try {
      double number = Double.parseDouble(seconds);
      if (number >= 0.001 && number <= 86_400) {
        return Duration.ofMillis((long) (number * 1000));
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw settings.wrong("has an api_timeout that is not a number of seconds");
  }

  private Map<String, URI> endpointOverrides() {
    Map<String, URI> overrides = new HashMap<>();
    settings
        .words()
        .forEach((key, value) -> {
          if (key.endsWith(OVERRIDE)) {
            String service = key.substring(0, key.length() - OVERRIDE.length());
            overrides.put(service, url(key, value));
          }
        });
    return overrides;
  }

  private URI url(String key, String text) {
    try {
      URI url = new URI(text);
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (http && url.getHost() != null && url.getUserInfo() == null) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Said below, without the text: it may hold a password.
    }
    throw settings.wrong("has no usable " + key + ": write it as https://HOST[:PORT][/PATH]");
  }
}
