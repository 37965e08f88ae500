package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;

/** The object that says what an image is called. */
final class ImageJson {
  static final String NAME = "image.json";
  private static final int SCHEMA = 1;

  private ImageJson() {}

  static byte[] write(ImageIdentity identity) {
    return SealedJson.seal(
        SealedJson.newObject()
            .put("schema", SCHEMA)
            .put("id", identity.imageId().toString())
            .put("clusterFsid", identity.clusterFsid())
            .put("pool", identity.pool())
            .put("namespace", identity.namespace())
            .put("name", identity.name()));
  }

  static ImageIdentity read(ImageFolder folder) {
    String name = folder.name(NAME);
    byte[] bytes = content(folder, name);
    JsonFields json = new JsonFields(SealedJson.unseal(bytes, name), name);
    json.requireVersion("schema", SCHEMA);
    ImageIdentity identity =
        new ImageIdentity(
            json.text("clusterFsid"), json.name("pool"), json.text("namespace"), json.name("name"));
    if (!json.uuid("id").equals(folder.imageId()) || !identity.imageId().equals(folder.imageId())) {
      throw new KedgeException(
          ErrorCode.VERIFICATION_FAILED,
          name + " is damaged: it describes " + identity + ", which belongs into another folder");
    }
    return identity;
  }

  private static byte[] content(ImageFolder folder, String name) {
    try {
      return folder.target().readAll(name, SealedJson.MAX_BYTES);
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      throw new KedgeException(
          ErrorCode.VERIFICATION_FAILED,
          name + " is missing; the next backup of that image writes it anew",
          e);
    }
  }
}
