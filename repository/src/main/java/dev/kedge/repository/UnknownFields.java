package dev.kedge.repository;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The fields of a manifest that a later Kedge wrote and this one does not know. They are kept, so
 * that rewriting a manifest loses nothing. Immutable.
 */
public final class UnknownFields {
  /** What a manifest that this Kedge makes has. */
  public static final UnknownFields NONE = new UnknownFields(SealedJson.newObject());

  private final ObjectNode unknown;

  private UnknownFields(ObjectNode unknown) {
    this.unknown = unknown;
  }

  /** What remains of an object without the fields that are known, at every depth. */
  static UnknownFields without(ObjectNode object, ObjectNode known) {
    ObjectNode rest = object.deepCopy();
    remove(rest, known);
    return new UnknownFields(rest);
  }

  private static void remove(ObjectNode rest, ObjectNode known) {
    for (var field : known.properties()) {
      if (rest.get(field.getKey()) instanceof ObjectNode inner
          && field.getValue() instanceof ObjectNode knownInner) {
        remove(inner, knownInner);
        if (!inner.isEmpty()) {
          continue;
        }
      }
      rest.remove(field.getKey());
    }
  }

  /** Adds the fields to an object that holds the known ones. */
  void addTo(ObjectNode known) {
    add(unknown, known);
  }

  private static void add(ObjectNode unknown, ObjectNode known) {
    for (var field : unknown.properties()) {
      JsonNode there = known.get(field.getKey());
      if (there instanceof ObjectNode inner && field.getValue() instanceof ObjectNode more) {
        add(more, inner);
      } else if (there == null) {
        known.set(field.getKey(), field.getValue().deepCopy());
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UnknownFields fields && fields.unknown.equals(unknown);
  }

  @Override
  public int hashCode() {
    return unknown.hashCode();
  }

  @Override
  public String toString() {
    return unknown.toString();
  }
}
