package dev.kedge.openstack.restore;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.neutron.Neutron;
import dev.kedge.openstack.neutron.SecurityGroup;
import dev.kedge.openstack.neutron.SecurityGroupRule;
import dev.kedge.openstack.restore.plan.Choice;
import dev.kedge.openstack.restore.plan.Origin;
import dev.kedge.openstack.restore.plan.RestorePlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Makes security groups with their rules, all groups before the first rule. One thread. */
final class SecurityGroupSteps {
  private final Neutron neutron;
  private final Origin origin;
  private final RestorePlan plan;
  private final Maker maker;
  private final Targets targets;

  /** What a rule says, with the groups of this cloud. */
  private record Meaning(
      String direction,
      String etherType,
      @Nullable String protocol,
      @Nullable Long portMin,
      @Nullable Long portMax,
      @Nullable String remotePrefix,
      @Nullable String remoteGroupId) {
    static Meaning of(SecurityGroupRule rule, @Nullable String remoteGroupId) {
      return new Meaning(
          rule.direction(),
          rule.etherType(),
          rule.protocol(),
          rule.portMin(),
          rule.portMax(),
          rule.remotePrefix(),
          remoteGroupId);
    }
  }

  SecurityGroupSteps(
      OpenStack cloud, Origin origin, RestorePlan plan, Maker maker, Targets targets) {
    this.neutron = cloud.neutron();
    this.origin = origin;
    this.plan = plan;
    this.maker = maker;
    this.targets = targets;
  }

  /**
   * Makes what the plan makes.
   *
   * @param completeExisting whether groups that are there get the rules that they lack
   */
  void run(boolean completeExisting) {
    for (Map.Entry<String, Choice> entry : plan.securityGroups().entrySet()) {
      if (entry.getValue().isCreate()) {
        create(origin.securityGroups().get(entry.getKey()));
      }
    }
    for (Map.Entry<String, Choice> entry : plan.securityGroups().entrySet()) {
      SecurityGroup original = origin.securityGroups().get(entry.getKey());
      if (original != null && entry.getValue().isCreate()) {
        makeRulesEqual(original);
      } else if (original != null && !entry.getValue().isLeave() && completeExisting) {
        addMissingRules(original);
      }
    }
  }

  private void create(@Nullable SecurityGroup original) {
    if (original != null) {
      maker.make(
          ResourceKind.SECURITY_GROUP,
          original.id(),
          original.name(),
          mark -> {
            ObjectNode fields = KeptFields.of(original, "name", "stateful");
            return neutron.securityGroups().create(fields.put("description", mark)).id();
          });
    }
  }

  /** The group is this restore's own; Neutron gave it rules that the original may not have. */
  private void makeRulesEqual(SecurityGroup original) {
    String id = maker.idOf(ResourceKind.SECURITY_GROUP, original.id());
    maker.once(
        "rules of " + original.id(),
        () -> {
          List<Meaning> wanted =
              original.rules().stream().flatMap(rule -> meaning(rule).stream()).toList();
          for (SecurityGroupRule rule : neutron.securityGroups().get(id).rules()) {
            if (!wanted.contains(Meaning.of(rule, rule.remoteGroupId()))) {
              neutron.securityGroupRules().delete(rule.id());
            }
          }
          for (SecurityGroupRule rule : missing(original, id)) {
            neutron.securityGroupRules().create(fields(rule, id, text(rule.description())));
          }
        });
  }

  private void addMissingRules(SecurityGroup original) {
    targets
        .securityGroup(original.id())
        .ifPresent(id -> {
          for (SecurityGroupRule rule : missing(original, id)) {
            maker.make(
                ResourceKind.SECURITY_GROUP_RULE,
                rule.id(),
                "of " + original.name(),
                mark -> neutron.securityGroupRules().create(fields(rule, id, mark)).id());
          }
        });
  }

  private List<SecurityGroupRule> missing(SecurityGroup original, String id) {
    List<Meaning> there =
        neutron.securityGroups().get(id).rules().stream()
            .map(rule -> Meaning.of(rule, rule.remoteGroupId()))
            .toList();
    return original.rules().stream()
        .filter(rule -> meaning(rule).filter(wanted -> !there.contains(wanted)).isPresent())
        .toList();
  }

  /** Empty where the rule refers to a group that is left out: it would then mean another thing. */
  private Optional<Meaning> meaning(SecurityGroupRule rule) {
    String remote = rule.remoteGroupId();
    return remote == null
        ? Optional.of(Meaning.of(rule, null))
        : targets.securityGroup(remote).map(id -> Meaning.of(rule, id));
  }

  private ObjectNode fields(SecurityGroupRule rule, String groupId, String description) {
    ObjectNode fields =
        KeptFields.of(
            rule,
            "direction",
            "ethertype",
            "protocol",
            "port_range_min",
            "port_range_max",
            "remote_ip_prefix");
    String remote = rule.remoteGroupId();
    if (remote != null) {
      targets.securityGroup(remote).ifPresent(id -> fields.put("remote_group_id", id));
    }
    return fields.put("security_group_id", groupId).put("description", description);
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }
}
