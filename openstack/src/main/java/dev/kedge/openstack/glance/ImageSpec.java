package dev.kedge.openstack.glance;

import dev.kedge.openstack.client.ApiJson;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** An image to be made, without its bytes; visible to its project only. */
public record ImageSpec(
    String name,
    String diskFormat,
    long minDiskGib,
    long minRamMib,
    List<String> tags,
    Map<String, String> properties) {

  /** Copies. */
  public ImageSpec {
    tags = List.copyOf(tags);
    properties = Map.copyOf(properties);
  }

  /** An image of this format. */
  public static ImageSpec of(String name, String diskFormat) {
    return new ImageSpec(name, diskFormat, 0, 0, List.of(), Map.of());
  }

  ObjectNode json() {
    ObjectNode json = ApiJson.texts(properties);
    json.put("name", name).put("disk_format", diskFormat).put("container_format", "bare");
    json.put("min_disk", minDiskGib).put("min_ram", minRamMib).put("visibility", "private");
    json.set("tags", ApiJson.texts(tags));
    return json;
  }
}
