package dev.kedge.openstack.client;

import static dev.kedge.openstack.testing.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.openstack.cloud.CloudConfig;
import dev.kedge.openstack.cloud.EndpointInterface;
import dev.kedge.openstack.testing.Reply;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EndpointTest extends CloudTest {
  private static final Reply OK = Reply.ok("{}");

  private CloudConfig config(
      @Nullable String region, EndpointInterface which, Map<String, URI> overrides) {
    CloudConfig usual = cloud.config();
    return new CloudConfig(
        usual.name(),
        usual.authUrl(),
        usual.method(),
        usual.scope(),
        region,
        which,
        null,
        true,
        usual.connectTimeout(),
        usual.requestTimeout(),
        overrides);
  }

  @Test
  void anOlderNameOfAServiceServes() {
    cloud.answer("GET /volume/v3/p1/volumes", OK);
    cinder().get("/volumes");
    assertThat(cloud.received("GET /volume/v3/p1/volumes")).hasSize(1);
  }

  @Test
  void versionOneOfAServiceIsNotTakenForVersionThree() {
    cloud.setCatalog(
        cloud.endpoint("volume", "/old/v1/p1"), cloud.endpoint("block-store", "/volume/v3/p1"));
    cloud.answer("GET /volume/v3/p1/volumes", OK);
    cinder().get("/volumes");
  }

  @Test
  void regionAndInterfaceChooseTheEndpoint() {
    cloud.setCatalog(
        cloud.endpoint("network", "/a/v2.0", "One", "public"),
        cloud.endpoint("network", "/b/v2.0", "Two", "public"),
        cloud.endpoint("network", "/c/v2.0", "Two", "internal"));
    cloud.answer("GET /c/v2.0/ports", OK);
    use(config("Two", EndpointInterface.INTERNAL, Map.of()));
    session().service(ServiceType.NETWORK).get("/ports");
  }

  @Test
  void severalRegionsAreAQuestion() {
    cloud.setCatalog(
        cloud.endpoint("network", "/a/v2.0", "One", "public"),
        cloud.endpoint("network", "/b/v2.0", "Two", "public"));
    assertThat(
            assertFails(
                ErrorCode.USAGE, () -> session().service(ServiceType.NETWORK).get("/ports")))
        .hasMessageContainingAll("One, Two", "OS_REGION_NAME");
  }

  @Test
  void aMissingServiceIsReportedWithWhatThereIs() {
    cloud.setCatalog(cloud.endpoint("network", "/a/v2.0", "One", "admin"));
    assertThat(
            assertFails(
                ErrorCode.NOT_FOUND, () -> session().service(ServiceType.NETWORK).get("/ports")))
        .hasMessageContainingAll(
            "Neutron", "interface public", "admin in One", "network_endpoint_override");
  }

  @Test
  void theConfigurationsUrlCountsMoreThanTheCatalogues() {
    cloud.answer("GET /elsewhere/v2.0/ports", OK);
    use(config(null, EndpointInterface.PUBLIC, Map.of("network", cloud.url("/elsewhere/v2.0"))));
    session().service(ServiceType.NETWORK).get("/ports");
  }

  @Test
  void anEndpointWithoutVersionIsAskedForIt() {
    cloud.setCatalog(cloud.endpoint("image", "/image"));
    cloud.answer(
        "GET /image/",
        Reply.json(
            300,
            """
            {"versions": [
              {"id": "v2.9", "links": [{"rel": "self", "href": "https://proxy/image/v2/"}]},
              {"id": "v1.1", "links": [{"rel": "self", "href": "https://proxy/image/v1/"}]}]}\
            """));
    cloud.answer("GET /image/v2/images", OK);
    session().service(ServiceType.IMAGE).get("/images");
  }

  @Test
  void cindersProjectIsAddedWhereItsEndpointHasNoVersion() {
    cloud.setCatalog(cloud.endpoint("block-storage", "/volume"));
    cloud.answer("GET /volume/", Reply.ok("{\"versions\": [{\"id\": \"v3.0\"}]}"));
    cloud.answer("GET /volume/v3/p1/volumes", OK);
    cinder().get("/volumes");
  }

  @Test
  void aRedirectIsFollowedOnTheSameHostOnly() {
    cloud.answer("GET " + SERVERS, new Reply(302, Map.of("Location", "/compute/v2.1/other"), ""));
    cloud.answer("GET /compute/v2.1/other", OK);
    nova().get("/servers");
    cloud.answer(
        "GET " + SERVERS, new Reply(302, Map.of("Location", "http://127.0.0.1:1/steal"), ""));
    assertThat(assertFails(ErrorCode.FAILED, () -> nova().get("/servers")))
        .hasMessageContaining("302");
  }
}
