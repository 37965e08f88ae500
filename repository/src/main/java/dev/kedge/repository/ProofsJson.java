package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.Proof.Pass;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The object that says when the restore points of an image were proven; missing for never. */
final class ProofsJson {
  static final String NAME = "proofs.json";

  /** Some 50,000 restore points. */
  private static final int MAX_BYTES = 16 << 20;

  private static final int SCHEMA = 1;

  private ProofsJson() {}

  static void write(ImageFolder folder, Collection<Proof> proofs) {
    ObjectNode json = SealedJson.newObject();
    json.put("schema", SCHEMA);
    ArrayNode list = json.putArray("proofs");
    for (Proof proof : proofs) {
      ObjectNode node =
          list.addObject()
              .put("restorePoint", proof.point().toString())
              .put("content", proof.content())
              .put("provenAt", text(proof.provenAt()))
              .put("damagedAt", text(proof.damagedAt()));
      Pass pass = proof.pass();
      if (pass == null) {
        node.putNull("pass");
      } else {
        node.putObject("pass")
            .put("begunAt", pass.begunAt().toString())
            .put("nextOffset", pass.nextOffset());
      }
    }
    folder.target().replace(folder.name(NAME), SealedJson.seal(json, MAX_BYTES));
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }

  /** What is remembered; nothing where that is damaged. */
  static List<Proof> read(ImageFolder folder) {
    String name = folder.name(NAME);
    try {
      byte[] bytes = folder.target().readAll(name, MAX_BYTES);
      JsonFields json = new JsonFields(SealedJson.unseal(bytes, name, MAX_BYTES), name);
      json.requireVersion("schema", SCHEMA);
      List<Proof> proofs = new ArrayList<>();
      json.objects("proofs").forEach(proof -> proofs.add(read(proof)));
      return proofs;
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.NOT_FOUND || e.code() == ErrorCode.VERIFICATION_FAILED) {
        return List.of();
      }
      throw e;
    }
  }

  private static Proof read(JsonFields json) {
    JsonFields pass = json.objectOrNull("pass");
    return new Proof(
        json.uuid("restorePoint"),
        json.name("content"),
        instant(json, "provenAt"),
        instant(json, "damagedAt"),
        pass == null ? null : new Pass(pass.instant("begunAt"), pass.count("nextOffset")));
  }

  private static @Nullable Instant instant(JsonFields json, String field) {
    return json.textOrNull(field) == null ? null : json.instant(field);
  }
}
