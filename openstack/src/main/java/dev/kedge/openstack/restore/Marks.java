package dev.kedge.openstack.restore;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import java.util.UUID;

/**
 * The mark that everything carries while its restore is under way, by which it is found again when
 * nobody knows what became of a request: in Neutron the description, elsewhere metadata.
 */
final class Marks {
  /** The key in metadata and properties. */
  static final String KEY = "kedge_restore";

  private final UUID restore;

  Marks(UUID restore) {
    this.restore = restore;
  }

  /** The mark of what stands for an original; short enough for every API. */
  String of(String original) {
    return "kedge restore " + restore + " of " + original;
  }

  static boolean hasDescription(ApiResource resource, String mark) {
    return fields(resource).textOrEmpty("description").equals(mark);
  }

  static boolean hasMetadata(ApiResource resource, String mark) {
    return mark.equals(fields(resource).textMap("metadata").get(KEY));
  }

  private static ApiObject fields(ApiResource resource) {
    return ApiObject.kept(resource.raw(), resource.id());
  }
}
