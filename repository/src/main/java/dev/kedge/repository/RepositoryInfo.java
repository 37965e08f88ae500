package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What was fixed when a repository was made, and the key slots if it is encrypted. Format version 1
 * for a plain one; 2 for an encrypted one, which a Kedge that cannot encrypt must refuse.
 *
 * @param id the repository
 * @param createdAt when, by its maker's clock
 * @param options fixed settings by name; none so far
 * @param encryption null for a plain repository
 * @param unknown what a later Kedge wrote
 */
public record RepositoryInfo(
    UUID id,
    Instant createdAt,
    Map<String, String> options,
    @Nullable Encryption encryption,
    UnknownFields unknown) {
  /** The name of its object, which is never encrypted. */
  public static final String NAME = "kedge.json";

  /**
   * A copy of it in an encrypted repository, which is never encrypted either: all that is stored
   * there hangs on this one small object.
   */
  public static final String COPY = "keys/kedge.json";

  private static final int PLAIN_VERSION = 1;
  private static final int ENCRYPTED_VERSION = 2;
  private static final String ENCRYPTION = "encryption";

  /** Copies the options. */
  public RepositoryInfo {
    options = Map.copyOf(options);
  }

  /** A new, plain repository. */
  static RepositoryInfo fresh(Instant now, Map<String, String> options) {
    return new RepositoryInfo(UUID.randomUUID(), now, options, null, UnknownFields.NONE);
  }

  /** The same with other key slots, or encrypted from the start. */
  public RepositoryInfo withEncryption(Encryption changed) {
    return new RepositoryInfo(id, createdAt, options, changed, unknown);
  }

  /**
   * What is in a place, without opening the repository; empty where there is none.
   *
   * @throws KedgeException with VERIFICATION_FAILED where it is damaged, REFUSED where it has a
   *     newer format
   */
  public static Optional<RepositoryInfo> read(BackupTarget target) {
    try {
      return Optional.of(read(target, NAME));
    } catch (KedgeException e) {
      boolean missing = e.code() == ErrorCode.NOT_FOUND;
      if ((missing || e.code() == ErrorCode.VERIFICATION_FAILED) && hasCopy(target)) {
        throw new KedgeException(
            ErrorCode.VERIFICATION_FAILED,
            "%s; its copy %s there is sound: copy that to %s"
                .formatted(
                    missing ? NAME + " is missing in " + target.location() : e.getMessage(),
                    COPY,
                    NAME),
            e);
      }
      if (missing) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static RepositoryInfo read(BackupTarget target, String name) {
    byte[] bytes = target.readAll(name, SealedJson.MAX_BYTES);
    return parse(bytes, name + " in " + target.location());
  }

  private static boolean hasCopy(BackupTarget target) {
    try {
      read(target, COPY);
      return true;
    } catch (KedgeException e) {
      return false;
    }
  }

  byte[] toBytes() {
    ObjectNode json = known();
    unknown.addTo(json);
    return SealedJson.seal(json);
  }

  private ObjectNode known() {
    ObjectNode json = SealedJson.newObject();
    json.put("formatVersion", encryption == null ? PLAIN_VERSION : ENCRYPTED_VERSION)
        .put("repositoryId", id.toString())
        .put("createdAt", createdAt.toString());
    ObjectNode optionsJson = json.putObject("options");
    new TreeMap<>(options).forEach(optionsJson::put);
    if (encryption != null) {
      EncryptionJson.write(encryption, optionsJson.putObject(ENCRYPTION));
    }
    return json;
  }

  static RepositoryInfo parse(byte[] bytes, String name) {
    ObjectNode unsealed = SealedJson.unseal(bytes, name);
    JsonFields json = new JsonFields(unsealed, name);
    int version = json.version("formatVersion", ENCRYPTED_VERSION);
    JsonFields options = json.object("options");
    RepositoryInfo known =
        new RepositoryInfo(
            json.uuid("repositoryId"),
            json.instant("createdAt"),
            options.textsOnly(),
            version == PLAIN_VERSION ? null : EncryptionJson.read(options.object(ENCRYPTION), name),
            UnknownFields.NONE);
    return new RepositoryInfo(
        known.id,
        known.createdAt,
        known.options,
        known.encryption,
        UnknownFields.without(unsealed, known.known()));
  }
}
