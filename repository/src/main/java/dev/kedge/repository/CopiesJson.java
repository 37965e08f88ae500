package dev.kedge.repository;

/**
 * The object that says of an image that restore points were copied in here from other repositories;
 * missing where none ever were. It stays, since a manifest that gets damaged does not tell any
 * more.
 */
final class CopiesJson {
  static final String NAME = "copies.json";
  private static final int SCHEMA = 1;

  private CopiesJson() {}

  static void write(ImageFolder folder) {
    String name = folder.name(NAME);
    if (!folder.target().exists(name)) {
      folder.target().replace(name, SealedJson.seal(SealedJson.newObject().put("schema", SCHEMA)));
    }
  }
}
