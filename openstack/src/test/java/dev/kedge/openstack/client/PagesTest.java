package dev.kedge.openstack.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.openstack.testing.Received;
import dev.kedge.openstack.testing.Reply;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PagesTest extends CloudTest {
  private static String page(int from, int to, String more) {
    return IntStream.range(from, to)
        .mapToObj("{\"id\": \"i%d\"}"::formatted)
        .collect(Collectors.joining(",", "{\"servers\": [", "]" + more + "}"));
  }

  private List<String> ids(Query query) {
    return nova().list("/servers", query, "servers").stream()
        .map(server -> server.text("id"))
        .toList();
  }

  private static List<String> numbered(int count) {
    return IntStream.range(0, count).mapToObj(i -> "i" + i).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ", \"servers_links\": [{\"rel\": \"next\", \"href\": \"http://proxy/x?marker=i1&limit=2\"}]",
        ", \"links\": {\"next\": \"http://proxy/x?marker=i1&limit=2\", \"self\": \"x\"}",
        ", \"next\": \"/v2/servers?marker=i1&limit=2\""
      })
  void aLinkLeadsToTheNextPageWhateverItsShapeAndHost(String link) {
    cloud.answer("GET " + SERVERS, Reply.ok(page(0, 2, link)), Reply.ok(page(2, 3, "")));
    assertThat(ids(Query.none())).isEqualTo(numbered(3));
    assertThat(cloud.received("GET " + SERVERS).getLast().query()).isEqualTo("marker=i1&limit=2");
  }

  @Test
  void aFullPageWithoutLinkIsFollowedByItsMarker() {
    int full = Pages.PAGE;
    cloud.answer("GET " + SERVERS, Reply.ok(page(0, full, "")), Reply.ok(page(full, full + 1, "")));
    assertThat(ids(Query.of("name", "a b"))).isEqualTo(numbered(full + 1));
    assertThat(cloud.received("GET " + SERVERS))
        .extracting(Received::query)
        .containsExactly("name=a+b&limit=200", "name=a+b&limit=200&marker=i199");
  }

  @Test
  void aServiceThatIgnoresMarkersDoesNotLoopNorDouble() {
    cloud.answer("GET " + SERVERS, Reply.ok(page(0, Pages.PAGE, "")));
    assertThat(ids(Query.none())).isEqualTo(numbered(Pages.PAGE));
    assertThat(cloud.received("GET " + SERVERS)).hasSize(2);
  }

  @Test
  void anEmptyListIsEmpty() {
    cloud.answer("GET " + SERVERS, Reply.ok(page(0, 0, "")));
    assertThat(ids(Query.none())).isEmpty();
  }

  @Test
  void aLastPageWithANullLinkIsTheLast() {
    cloud.answer("GET " + SERVERS, Reply.ok(page(0, 1, ", \"links\": {\"next\": null}")));
    assertThat(ids(Query.none())).isEqualTo(numbered(1));
    assertThat(cloud.received("GET " + SERVERS)).hasSize(1);
  }
}
