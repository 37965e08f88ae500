package dev.kedge.openstack;

import static dev.kedge.openstack.testing.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.neutron.FixedIp;
import dev.kedge.openstack.neutron.FloatingIp;
import dev.kedge.openstack.neutron.Network;
import dev.kedge.openstack.neutron.Neutron;
import dev.kedge.openstack.neutron.Port;
import dev.kedge.openstack.neutron.Router;
import dev.kedge.openstack.neutron.SecurityGroup;
import dev.kedge.openstack.neutron.Subnet;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class NetworksIT extends LabIT {
  private final Neutron neutron = lab.demo().neutron();

  private Network network() {
    Network made = neutron.networks().create(ApiJson.object().put("name", lab.name("network")));
    lab.later(() -> neutron.networks().delete(made.id()));
    return made;
  }

  private Subnet subnet(Network network) {
    Subnet made =
        neutron
            .subnets()
            .create(
                ApiJson.object()
                    .put("name", lab.name("subnet"))
                    .put("network_id", network.id())
                    .put("ip_version", 4)
                    .put("cidr", "10.77.0.0/24"));
    lab.later(() -> neutron.subnets().delete(made.id()));
    return made;
  }

  private Router router(Network external) {
    ObjectNode fields = ApiJson.object().put("name", lab.name("router"));
    fields.set("external_gateway_info", ApiJson.object().put("network_id", external.id()));
    Router made = neutron.routers().create(fields);
    lab.later(() -> neutron.routers().delete(made.id()));
    return made;
  }

  private SecurityGroup group() {
    SecurityGroup made =
        neutron.securityGroups().create(ApiJson.object().put("name", lab.name("group")));
    lab.later(() -> neutron.securityGroups().delete(made.id()));
    return made;
  }

  private Port port(Subnet subnet, SecurityGroup group, String mac, String address) {
    ObjectNode fields =
        ApiJson.object()
            .put("name", lab.name("port"))
            .put("network_id", subnet.networkId())
            .put("mac_address", mac);
    ArrayNode addresses = fields.putArray("fixed_ips");
    addresses.addObject().put("subnet_id", subnet.id()).put("ip_address", address);
    fields.set("security_groups", ApiJson.texts(List.of(group.id())));
    Port made = neutron.ports().create(fields);
    lab.later(() -> neutron.ports().delete(made.id()));
    return made;
  }

  @Test
  void aNetworkWithItsPortRouterAndFloatingAddressIsMadeAndReadBack() {
    Network external = neutron.networks().list(Query.of("router:external", "true")).getFirst();
    assertThat(external.external()).isTrue();
    Subnet subnet = subnet(network());
    Router router = router(external);
    assertThat(router.gatewayNetworkId()).isEqualTo(external.id());
    neutron.addRouterSubnet(router.id(), subnet.id());
    lab.later(() -> neutron.removeRouterSubnet(router.id(), subnet.id()));
    SecurityGroup group = group();

    String mac = "fa:16:3e:00:be:ef";
    Port port = port(subnet, group, mac, "10.77.0.9");
    neutron.setTags("ports", port.id(), List.of("kept"));
    Port read = neutron.ports().get(port.id());
    assertThat(read.macAddress()).isEqualTo(mac);
    assertThat(read.fixedIps()).containsExactly(new FixedIp(subnet.id(), "10.77.0.9"));
    assertThat(read.securityGroupIds()).containsExactly(group.id());
    assertThat(read.tags()).containsExactly("kept");
    assertThat(neutron.ports().list(Query.of("device_id", router.id())))
        .anySatisfy(
            found -> assertThat(found.deviceOwner()).startsWith("network:router_interface"));

    FloatingIp floating =
        neutron
            .floatingIps()
            .create(
                ApiJson.object()
                    .put("floating_network_id", external.id())
                    .put("port_id", port.id()));
    lab.later(() -> neutron.floatingIps().delete(floating.id()));
    assertThat(neutron.floatingIps().list(Query.of("port_id", port.id())))
        .singleElement()
        .satisfies(found -> assertThat(found.fixedAddress()).isEqualTo("10.77.0.9"));
  }

  @Test
  void anAddressThatIsTakenIsBusyAndNamed() {
    Subnet subnet = subnet(network());
    SecurityGroup group = group();
    port(subnet, group, "fa:16:3e:00:be:01", "10.77.0.9");
    assertThat(
            assertFails(
                ErrorCode.BUSY, () -> port(subnet, group, "fa:16:3e:00:be:02", "10.77.0.9")))
        .hasMessageContainingAll("Neutron", "10.77.0.9");
  }

  @Test
  void aSecurityGroupComesWithItsRules() {
    SecurityGroup group = group();
    neutron
        .securityGroupRules()
        .create(
            ApiJson.object()
                .put("security_group_id", group.id())
                .put("direction", "ingress")
                .put("ethertype", "IPv4")
                .put("protocol", "tcp")
                .put("port_range_min", 80)
                .put("port_range_max", 81)
                .put("remote_ip_prefix", "192.0.2.0/24"));
    assertThat(neutron.securityGroups().get(group.id()).rules())
        .anySatisfy(rule -> {
          assertThat(rule.protocol()).isEqualTo("tcp");
          assertThat(rule.portMin()).isEqualTo(80);
          assertThat(rule.portMax()).isEqualTo(81);
          assertThat(rule.remotePrefix()).isEqualTo("192.0.2.0/24");
        })
        .anySatisfy(rule -> assertThat(rule.direction()).isEqualTo("egress"));
  }
}
