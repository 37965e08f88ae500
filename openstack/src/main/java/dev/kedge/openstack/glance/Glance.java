package dev.kedge.openstack.glance;

import dev.kedge.openstack.client.ApiCollection;
import dev.kedge.openstack.client.ApiCollection.Spelling;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.ApiPath;
import dev.kedge.openstack.client.OpenStackException;
import dev.kedge.openstack.client.ServiceClient;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;

/**
 * Images. Thread-safe. Every method throws {@link OpenStackException} where Glance does not do what
 * it is asked.
 */
public final class Glance {
  private static final String PATCH = "application/openstack-images-v2.1-json-patch";

  private final ServiceClient service;
  private final ApiCollection<Image> images;

  /** Glance behind a client of IMAGE. */
  public Glance(ServiceClient service) {
    this.service = service;
    this.images = new ApiCollection<>(service, Spelling.of("/images", "", "images"), Image::of);
  }

  /** Images. To create one use {@link #create}. */
  public ApiCollection<Image> images() {
    return images;
  }

  /** Makes an image, which waits for its bytes. */
  public Image create(ImageSpec spec) {
    return images.create(spec.json());
  }

  /**
   * Gives an image its bytes, once.
   *
   * @param open makes the stream; it is closed afterwards
   * @param timeout for all of them
   */
  public void upload(
      String imageId, Supplier<InputStream> open, long lengthBytes, Duration timeout) {
    service.upload(ApiPath.of("images", imageId, "file"), open, lengthBytes, timeout);
  }

  /**
   * An image's bytes; the caller closes the stream. Nothing bounds the time between two of them.
   */
  public InputStream download(String imageId) {
    return service.download(ApiPath.of("images", imageId, "file"));
  }

  /** The same from an offset on. */
  public InputStream download(String imageId, long offset) {
    return service.download(ApiPath.of("images", imageId, "file"), offset);
  }

  /** Sets properties, new ones and others. */
  public Image setProperties(String imageId, Map<String, String> properties) {
    ArrayNode changes = ApiJson.list();
    // "add" also replaces (RFC 6902).
    properties.forEach((key, value) ->
        changes
            .addObject()
            .put("op", "add")
            .put("path", "/" + key.replace("~", "~0").replace("/", "~1"))
            .put("value", value));
    return Image.of(service.patch(ApiPath.of("images", imageId), PATCH, changes));
  }

  /** Removes a property; nothing happens where the image has none of that name. */
  public void removeProperty(String imageId, String property) {
    if (images.get(imageId).properties().containsKey(property)) {
      ArrayNode changes = ApiJson.list();
      changes.addObject().put("op", "remove").put("path", "/" + property);
      service.patch(ApiPath.of("images", imageId), PATCH, changes);
    }
  }

  /** The projects that an image is shared with. */
  public List<String> memberIds(String imageId) {
    return service.get(ApiPath.of("images", imageId, "members")).objects("members").stream()
        .map(member -> member.text("member_id"))
        .toList();
  }

  /** Shares an image with a project, which has to accept it. */
  public void addMember(String imageId, String projectId) {
    service.actOnce(
        ApiPath.of("images", imageId, "members"), ApiJson.object().put("member", projectId));
  }
}
