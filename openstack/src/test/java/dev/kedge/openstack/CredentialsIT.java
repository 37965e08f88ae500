package dev.kedge.openstack;

import static dev.kedge.openstack.testing.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.cloud.AuthScope;
import dev.kedge.openstack.cloud.CloudConfig;
import dev.kedge.openstack.cloud.Clouds;
import dev.kedge.openstack.cloud.DomainMember;
import dev.kedge.openstack.cloud.Reference;
import dev.kedge.openstack.cloud.Surroundings;
import dev.kedge.openstack.testing.LabCloud;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CredentialsIT extends LabIT {
  @Test
  void aPasswordOpensItsProjectAndEveryServiceAnswers() {
    OpenStack demo = lab.demo();
    assertThat(demo.token().projectName()).isEqualTo("demo");
    assertThat(demo.token().hasRole("admin")).isFalse();
    assertThat(demo.nova().service().microversion()).isPresent();
    assertThat(demo.cinder().service().microversion()).isPresent();
    assertThat(demo.nova().flavors().list(Query.none())).isNotEmpty();
    assertThat(demo.cinder().types().list(Query.none())).isNotEmpty();
    assertThat(demo.glance().images().list(Query.none())).isNotEmpty();
    assertThat(demo.neutron().networks().list(Query.none())).isNotEmpty();
    assertThat(demo.neutron().extensions()).contains("security-group");
    assertThat(demo.keystone().ownProjects())
        .anySatisfy(project -> assertThat(project.name()).isEqualTo("demo"));
    assertThat(demo.nova().availabilityZones()).contains("nova");
    assertThat(demo.nova().limits().number("maxTotalCores")).isNotZero();
    assertThat(demo.cinder().limits().number("maxTotalVolumeGigabytes")).isNotZero();
  }

  @Test
  void anApplicationCredentialOpensItsProject() {
    try (OpenStack cloud = LabCloud.connect("kedge-demo-appcred")) {
      assertThat(cloud.token().projectName()).isEqualTo("demo");
      assertThat(cloud.nova().flavors().list(Query.none())).isNotEmpty();
    }
  }

  @Test
  void aTokenThatSomebodyElseGotServes() {
    String token = lab.demo().token().value().reveal();
    CloudConfig config =
        new Clouds(Surroundings.ofProcess())
            .resolve("kedge-demo", Map.of("auth_type", "v3token", "token", token));
    try (OpenStack cloud = new OpenStack(config)) {
      assertThat(cloud.nova().flavors().list(Query.none())).isNotEmpty();
    }
  }

  @Test
  void anotherScopeIsAnotherProject() {
    AuthScope demoProject =
        new AuthScope.Project(new DomainMember(Reference.name("demo"), Reference.id("default")));
    try (OpenStack there = lab.admin().scopedTo(demoProject)) {
      assertThat(there.token().projectId()).isEqualTo(lab.demo().token().projectId());
    }
  }

  @Test
  void aWrongPasswordIsKeystonesRefusal() {
    CloudConfig wrong =
        new Clouds(Surroundings.ofProcess()).resolve("kedge-demo", Map.of("password", "no"));
    try (OpenStack cloud = new OpenStack(wrong)) {
      assertThat(assertFails(ErrorCode.AUTHENTICATION_FAILED, cloud::token))
          .hasMessageContainingAll("Keystone", "401", "req-");
    }
  }

  @Test
  void aTenantMayNotDoWhatIsForOperators() {
    assertFails(ErrorCode.PERMISSION_DENIED, () -> lab.demo().cinder().pools());
    assertThat(lab.admin().cinder().pools()).isNotEmpty();
    assertThat(lab.admin().keystone().projects().byNameOrId("demo", Query.none()).id())
        .isEqualTo(lab.demo().token().projectId());
  }

  @Test
  void nothingOfAnotherProjectIsThere() {
    String id = volume("mine", "ceph").id();
    assertThat(lab.other().cinder().volumes().find(id)).isEmpty();
    assertThat(assertFails(ErrorCode.NOT_FOUND, () -> lab.other().cinder().volumes().get(id)))
        .hasMessageContainingAll("Cinder", id);
    assertFails(
        ErrorCode.NOT_FOUND,
        () -> lab.other().cinder().volumes().byNameOrId(lab.name("mine"), Query.none()));
  }

  @Test
  void aListOfMorePagesThanOneIsWhole() {
    List<String> whole =
        lab.admin().neutron().securityGroupRules().list(Query.none()).stream()
            .map(rule -> rule.id())
            .toList();
    assertThat(whole).hasSizeGreaterThan(2);
    assertThat(lab.admin().neutron().securityGroupRules().list(Query.of("limit", "2")))
        .extracting(rule -> rule.id())
        .containsExactlyInAnyOrderElementsOf(whole);
  }
}
