package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * The object that stands in an image's folder instead of its description and restore points, and
 * says in which other folder these are.
 */
final class MovedJson {
  static final String NAME = "moved.json";
  private static final int SCHEMA = 1;

  private MovedJson() {}

  static void write(ImageFolder folder, MovedImage moved) {
    ObjectNode json = SealedJson.newObject();
    json.put("schema", SCHEMA);
    put(json, moved.image());
    json.set("series", put(SealedJson.newObject(), moved.series()));
    json.set("from", put(SealedJson.newObject(), moved.from()));
    folder.target().replace(folder.name(NAME), SealedJson.seal(json));
  }

  private static ObjectNode put(ObjectNode json, ImageIdentity image) {
    return json.put("clusterFsid", image.clusterFsid())
        .put("pool", image.pool())
        .put("namespace", image.namespace())
        .put("name", image.name());
  }

  /**
   * Where the restore points of the folder's image are; empty where they are in the folder.
   *
   * @throws KedgeException with VERIFICATION_FAILED where that is damaged
   */
  static Optional<MovedImage> read(ImageFolder folder) {
    String name = folder.name(NAME);
    byte[] bytes;
    try {
      bytes = folder.target().readAll(name, SealedJson.MAX_BYTES);
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e.code() == ErrorCode.VERIFICATION_FAILED ? damaged(folder, e) : e;
    }
    try {
      return Optional.of(parse(folder, name, bytes));
    } catch (KedgeException e) {
      throw e.code() == ErrorCode.VERIFICATION_FAILED ? damaged(folder, e) : e;
    }
  }

  private static MovedImage parse(ImageFolder folder, String name, byte[] bytes) {
    JsonFields json = new JsonFields(SealedJson.unseal(bytes, name), name);
    json.requireVersion("schema", SCHEMA);
    MovedImage moved =
        new MovedImage(
            identity(json), identity(json.object("from")), identity(json.object("series")));
    if (!moved.image().imageId().equals(folder.imageId()) || moved.series().equals(moved.image())) {
      throw new KedgeException(
          ErrorCode.VERIFICATION_FAILED,
          name + " is damaged: it describes " + moved.image() + ", and belongs elsewhere");
    }
    return moved;
  }

  private static ImageIdentity identity(JsonFields json) {
    return new ImageIdentity(
        json.text("clusterFsid"), json.name("pool"), json.text("namespace"), json.name("name"));
  }

  private static KedgeException damaged(ImageFolder folder, KedgeException cause) {
    return new KedgeException(
        ErrorCode.VERIFICATION_FAILED,
        cause.getMessage()
            + "; delete that file in "
            + folder.target().location()
            + ", and back the image up once with --moved-from and its earlier name",
        cause);
  }
}
