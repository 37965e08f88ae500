package dev.kedge.openstack.neutron;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A security group with its rules. */
public record SecurityGroup(
    String id,
    String name,
    String projectId,
    @Nullable String description,
    boolean stateful,
    List<SecurityGroupRule> rules,
    List<String> tags,
    ObjectNode raw)
    implements ApiResource {

  /** Reads a group, from an answer or from what was kept of one. */
  public static SecurityGroup of(ApiObject json) {
    return new SecurityGroup(
        json.text("id"),
        json.textOrEmpty("name"),
        json.textOrEmpty("project_id"),
        json.textOrNull("description"),
        json.flag("stateful", true),
        json.objectsOrEmpty("security_group_rules").stream().map(SecurityGroupRule::of).toList(),
        json.texts("tags"),
        json.raw());
  }
}
