package dev.kedge.ceph;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Says why a connection failed. rados_connect gives one errno for several reasons (ENOENT: no
 * keyring, or no monitor's address), so the settings in force decide.
 */
final class ConnectFailure {
  private final CephOptions options;
  private final UnaryOperator<String> setting;

  ConnectFailure(CephOptions options, UnaryOperator<String> setting) {
    this.options = options;
    this.setting = setting;
  }

  KedgeException explain(long returnValue) {
    Errno errno = Errno.of(returnValue);
    String suffix = " (rados_connect: " + Errno.describe(returnValue) + ")";
    if (setting.apply("mon_host").isBlank() && errno == Errno.ENOENT) {
      return failure(
          ErrorCode.SOURCE_UNREACHABLE,
          "no monitor's address is known: set 'mon host' in ceph.conf" + suffix);
    }
    return switch (errno) {
      case ENOENT, EACCES, EPERM, EIO, EOPNOTSUPP, EKEYREJECTED ->
          failure(ErrorCode.AUTHENTICATION_FAILED, authentication() + suffix);
      case EINVAL ->
          failure(
              ErrorCode.SOURCE_UNREACHABLE,
              "the monitors' addresses '"
                  + setting.apply("mon_host")
                  + "' cannot be understood or resolved: check 'mon host' in ceph.conf"
                  + suffix);
      case null, default ->
          failure(
              ErrorCode.SOURCE_UNREACHABLE,
              "no monitor answers at "
                  + setting.apply("mon_host")
                  + " within "
                  + options.connectTimeout().toSeconds()
                  + " s: check the address, the network and the cluster's state"
                  + suffix);
    };
  }

  private String authentication() {
    String entity = options.entity();
    if (!setting.apply("key").isEmpty() || !setting.apply("keyfile").isEmpty()) {
      return refused(entity, "the configured key");
    }
    String searched = setting.apply("keyring");
    List<Path> found =
        Arrays.stream(searched.split("[,;]", -1))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .flatMap(ConnectFailure::existing)
            .toList();
    if (found.isEmpty()) {
      return "no keyring found for " + entity + ": looked for " + searched;
    }
    Path keyring = found.getFirst();
    String text;
    try {
      text = Files.readString(keyring, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "the keyring " + keyring + " cannot be read by this process: check its mode";
    }
    if (text.lines().noneMatch(line -> line.strip().equals("[" + entity + "]"))) {
      return "the keyring " + keyring + " holds no key for " + entity;
    }
    return refused(entity, "the key in " + keyring);
  }

  private static String refused(String entity, String where) {
    return "key refused: Ceph does not accept "
        + where
        + " for "
        + entity
        + ": compare it and its mon caps with 'ceph auth get "
        + entity
        + "'";
  }

  private static Stream<Path> existing(String name) {
    try {
      Path path = Path.of(name);
      return Files.exists(path) ? Stream.of(path) : Stream.of();
    } catch (InvalidPathException e) {
      return Stream.of();
    }
  }

  private static KedgeException failure(ErrorCode code, String message) {
    return new KedgeException(code, message);
  }
}
