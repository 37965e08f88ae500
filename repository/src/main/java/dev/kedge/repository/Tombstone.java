package dev.kedge.repository;

import java.time.Instant;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a new writer puts in the place of a manifest that a stale one could still write: the stale
 * writer's commit, which only succeeds where nothing is, then fails.
 *
 * @param point the restore point that never was
 * @param fencingToken the lease of the writer that put it there
 * @param at when, by that writer's clock
 */
record Tombstone(UUID point, long fencingToken, Instant at) {
  private static final int SCHEMA = 1;

  byte[] toBytes() {
    return SealedJson.seal(
        SealedJson.newObject()
            .put("schema", SCHEMA)
            .put("aborted", true)
            .put("id", point.toString())
            .put("fencingToken", fencingToken)
            .put("at", at.toString()));
  }

  static boolean isTombstone(ObjectNode json) {
    return json.has("aborted");
  }

  static Tombstone read(JsonFields json) {
    json.requireVersion("schema", SCHEMA);
    json.flag("aborted");
    return new Tombstone(
        json.uuid("id"), json.number("fencingToken", 1, Long.MAX_VALUE), json.instant("at"));
  }
}
