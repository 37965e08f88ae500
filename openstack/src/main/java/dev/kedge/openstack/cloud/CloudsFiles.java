package dev.kedge.openstack.cloud;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.yaml.YamlMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * clouds.yaml with secure.yaml and clouds-public.yaml, in the places where openstacksdk looks:
 * https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html
 */
final class CloudsFiles {
  private static final List<String> ENDINGS = List.of(".yaml", ".yml", ".json");
  private static final int MAX_PROFILES = 8;

  /** Keys of a cloud whose values are no texts, or that Kedge does not need. */
  private static final Set<String> STRUCTURES =
      Set.of(
          "auth",
          "regions",
          "networks",
          "metrics",
          "statsd",
          "values",
          "message",
          "requires_floating_ip",
          "disable_vendor_agent",
          "image_api_versions");

  private final Surroundings surroundings;
  private final Optional<YamlMap> clouds;

  CloudsFiles(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.clouds =
        load("clouds", "OS_CLIENT_CONFIG_FILE")
            .map(file ->
                load("secure", "OS_CLIENT_SECURE_FILE").map(file::overlaidWith).orElse(file));
  }

  /** The clouds' names; empty where there is no file. */
  Set<String> names() {
    return clouds.map(file -> file.map("clouds").keys()).orElse(Set.of());
  }

  /** Throws NOT_FOUND where there is no such cloud. */
  CloudSettings cloud(String name) {
    YamlMap file = clouds.orElseThrow(() -> noFile(name));
    if (!names().contains(name)) {
      throw new KedgeException(
          ErrorCode.NOT_FOUND,
          "%s has no cloud %s; it has %s".formatted(file.file(), name, String.join(", ", names())));
    }
    YamlMap cloud = withProfile(file.map("clouds").map(name));
    return new CloudSettings(name, file.file(), words(cloud));
  }

  private KedgeException noFile(String name) {
    return new KedgeException(
        ErrorCode.NOT_FOUND,
        "there is no clouds.yaml for cloud %s: put one into %s, or name it in OS_CLIENT_CONFIG_FILE"
            .formatted(name, surroundings.configFolders("openstack").getFirst()));
  }

  private YamlMap withProfile(YamlMap cloud) {
    YamlMap whole = cloud;
    for (int i = 0; i < MAX_PROFILES; i++) {
      String profile = cloud.text(cloud.keys().contains("profile") ? "profile" : "cloud");
      if (profile == null) {
        return whole;
      }
      YamlMap known =
          load("clouds-public", "OS_CLIENT_VENDOR_FILE")
              .map(file -> file.map("public-clouds"))
              .orElseGet(() -> YamlMap.empty("clouds-public.yaml"));
      if (!known.keys().contains(profile)) {
        throw cloud.wrong("profile", "is not in clouds-public.yaml: write its settings out here");
      }
      cloud = known.map(profile);
      whole = cloud.overlaidWith(whole);
    }
    throw cloud.wrong("profile", "names itself");
  }

  private static Map<String, String> words(YamlMap cloud) {
    Map<String, String> words = new HashMap<>();
    YamlMap auth = cloud.map("auth");
    for (String key : auth.keys()) {
      String value = auth.text(key);
      if (value != null) {
        words.put(key, value);
      }
    }
    for (String key : cloud.keys()) {
      if (!STRUCTURES.contains(key)) {
        String value = cloud.text(key);
        if (value != null) {
          words.put(key, value);
        }
      }
    }
    List<String> regions = cloud.names("regions");
    if (regions.size() == 1) {
      words.putIfAbsent("region_name", regions.getFirst());
    }
    return words;
  }

  private Optional<YamlMap> load(String name, String variable) {
    String given = surroundings.variable(variable);
    if (given != null) {
      Path file = surroundings.file(given);
      if (!Files.exists(file)) {
        throw new KedgeException(
            ErrorCode.NOT_FOUND, variable + " names " + file + ", which does not exist");
      }
      return Optional.of(read(file));
    }
    for (Path file : places(name)) {
      if (Files.exists(file)) {
        return Optional.of(read(file));
      }
    }
    return Optional.empty();
  }

  private List<Path> places(String name) {
    List<Path> folders = new ArrayList<>();
    folders.add(surroundings.currentFolder());
    folders.addAll(surroundings.configFolders("openstack"));
    return folders.stream()
        .flatMap(folder -> ENDINGS.stream().map(ending -> folder.resolve(name + ending)))
        .toList();
  }

  private static YamlMap read(Path file) {
    return YamlMap.parse(text(file), file.toString());
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new KedgeException(ErrorCode.USAGE, file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
