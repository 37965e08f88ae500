package dev.kedge.openstack.cloud;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where configuration may lie.
 *
 * @param variables environment variables
 * @param currentFolder the working directory
 * @param home the user's home
 * @param site the machine's configuration, {@code /etc}
 */
public record Surroundings(
    Map<String, String> variables, Path currentFolder, Path home, Path site) {

  /** Copies the variables. */
  public Surroundings {
    variables = Map.copyOf(variables);
  }

  /** This process's. */
  public static Surroundings ofProcess() {
    return ofProcess(System.getenv());
  }

  /** This process's, with these variables instead of its own. */
  public static Surroundings ofProcess(Map<String, String> variables) {
    return new Surroundings(
        variables,
        Path.of("").toAbsolutePath(),
        Path.of(System.getProperty("user.home", "/")),
        Path.of("/etc"));
  }

  /** A variable that is set and not empty. */
  public @Nullable String variable(String name) {
    String value = variables.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /** A file as the user may write it, with {@code ~}. */
  public Path file(String text) {
    return text.startsWith("~/") ? home.resolve(text.substring(2)) : currentFolder.resolve(text);
  }

  /** The user's, then the machine's folder for a program's configuration. */
  public List<Path> configFolders(String program) {
    String xdg = variable("XDG_CONFIG_HOME");
    Path users = xdg == null ? home.resolve(".config") : Path.of(xdg);
    return List.of(users.resolve(program), site.resolve(program));
  }
}
