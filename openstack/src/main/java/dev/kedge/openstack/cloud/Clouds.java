package dev.kedge.openstack.cloud;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which cloud is meant, as every OpenStack client does: the named one, else {@code
 * OS_CLOUD}, else {@code OS_AUTH_URL} and its companions, else the only one in clouds.yaml.
 * Immutable.
 */
public final class Clouds {
  private static final String VARIABLE_PREFIX = "OS_";

  private final Surroundings surroundings;

  /** Looks there. */
  public Clouds(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /**
   * The configuration of a cloud.
   *
   * @param name its name in clouds.yaml; null where it is for the surroundings to say
   * @param options words of clouds.yaml that count more ({@code auth_url}, {@code region_name},
   *     {@code project_name}, ...)
   * @throws KedgeException NOT_FOUND for an unknown cloud, USAGE where something is missing or
   *     cannot be understood
   */
  public CloudConfig resolve(@Nullable String name, Map<String, String> options) {
    return new CloudConfigReader(settings(name).overlaidWith(options), surroundings).read();
  }

  private CloudSettings settings(@Nullable String given) {
    String name = given == null ? surroundings.variable("OS_CLOUD") : given;
    if (name != null) {
      return withPasswordOfEnvironment(new CloudsFiles(surroundings).cloud(name));
    }
    if (surroundings.variable("OS_AUTH_URL") != null) {
      return environment();
    }
    CloudsFiles files = new CloudsFiles(surroundings);
    if (files.names().size() == 1) {
      return withPasswordOfEnvironment(files.cloud(files.names().iterator().next()));
    }
    throw new KedgeException(
        ErrorCode.USAGE,
        files.names().isEmpty()
            ? "no cloud is configured: write a clouds.yaml, or set OS_AUTH_URL, OS_USERNAME,"
                + " OS_PASSWORD and OS_PROJECT_NAME"
            : "which cloud is meant? Set OS_CLOUD to one of " + String.join(", ", files.names()));
  }

  /** Nothing else of the environment is mixed in: it may be about another cloud. */
  private CloudSettings withPasswordOfEnvironment(CloudSettings cloud) {
    String password = surroundings.variable("OS_PASSWORD");
    return password == null || cloud.has("password") || !cloud.has("username")
        ? cloud
        : cloud.overlaidWith(Map.of("password", password));
  }

  private CloudSettings environment() {
    Map<String, String> words = new HashMap<>();
    surroundings
        .variables()
        .forEach((key, value) -> {
          if (key.startsWith(VARIABLE_PREFIX)) {
            words.put(key.substring(VARIABLE_PREFIX.length()).toLowerCase(Locale.ROOT), value);
          }
        });
    return new CloudSettings("environment", "OS_* variables", words);
  }
}
