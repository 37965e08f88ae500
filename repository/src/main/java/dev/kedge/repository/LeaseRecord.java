package dev.kedge.repository;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a lease's object says. Its name carries the token.
 *
 * @param token the fencing token
 * @param owner the process that holds the lease
 * @param acquiredAt since when, by the owner's clock
 * @param expiresAt when it may be doubted, by the owner's clock
 * @param renewals how often it was renewed
 * @param released whether the owner is done
 * @param pending what the owner, or one before it, meant to create and has not
 */
record LeaseRecord(
    long token,
    LeaseOwner owner,
    Instant acquiredAt,
    Instant expiresAt,
    long renewals,
    boolean released,
    List<PendingPoint> pending) {
  private static final int SCHEMA = 1;
  private static final String START = "lease.";
  private static final String END = ".json";

  LeaseRecord {
    pending = List.copyOf(pending);
  }

  /** The start of all leases' names in an image's folder. */
  static String namePrefix(String folder) {
    return folder + START;
  }

  /** The name of a token's object; names sort as tokens do. */
  static String name(String folder, long token) {
    return folder + START + "%019d".formatted(token) + END;
  }

  /** The token in a name; null where the name is no lease's. */
  static @Nullable Long token(String baseName) {
    if (!baseName.startsWith(START) || !baseName.endsWith(END)) {
      return null;
    }
    String digits = baseName.substring(START.length(), baseName.length() - END.length());
    if (digits.length() != 19 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return null;
    }
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  byte[] toBytes() {
    ObjectNode json = SealedJson.newObject();
    json.put("schema", SCHEMA).put("token", token);
    owner.write(json.putObject("owner"));
    json.put("acquiredAt", acquiredAt.toString())
        .put("expiresAt", expiresAt.toString())
        .put("renewals", renewals)
        .put("released", released);
    ArrayNode list = json.putArray("pending");
    for (PendingPoint point : pending) {
      list.addObject()
          .put("restorePoint", point.point().toString())
          .put("snapshot", point.snapshotName());
    }
    return SealedJson.seal(json);
  }

  static LeaseRecord parse(byte[] bytes, String name, long token) {
    JsonFields json = new JsonFields(SealedJson.unseal(bytes, name), name);
    json.requireVersion("schema", SCHEMA);
    return new LeaseRecord(
        json.number("token", token, token),
        LeaseOwner.read(json.object("owner")),
        json.instant("acquiredAt"),
        json.instant("expiresAt"),
        json.count("renewals"),
        json.flag("released"),
        json.objects("pending").stream()
            .map(p -> new PendingPoint(p.uuid("restorePoint"), p.name("snapshot")))
            .toList());
  }
}
