package dev.kedge.openstack.client;

import static dev.kedge.openstack.testing.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.openstack.testing.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MicroversionTest extends CloudTest {
  private void novaOffers(String lowest, String highest) {
    cloud.answer(
        "GET /compute/v2.1/",
        Reply.ok(
            "{\"version\": {\"id\": \"v2.1\", \"version\": \"%s\", \"min_version\": \"%s\"}}"
                .formatted(highest, lowest)));
  }

  @ParameterizedTest
  @CsvSource({"2.1, 2.79, 2.79", "2.1, 2.93, 2.93", "2.1, 2.96, 2.96", "2.1, 2.104, 2.96"})
  void theHighestThatBothKnowIsSpoken(String lowest, String highest, String spoken) {
    novaOffers(lowest, highest);
    cloud.answer("GET " + SERVERS, Reply.ok("{}"));
    nova().get("/servers");
    assertThat(cloud.received("GET " + SERVERS).getFirst().header("OpenStack-API-Version"))
        .isEqualTo("compute " + spoken);
  }

  @ParameterizedTest
  @CsvSource({"2.1, 2.78", "2.97, 2.104"})
  void aServiceThatIsTooOldOrTooNewIsRefusedWithWhatItOffers(String lowest, String highest) {
    novaOffers(lowest, highest);
    assertThat(assertFails(ErrorCode.REFUSED, () -> nova().get("/servers")))
        .hasMessageContainingAll("Nova", lowest + " to " + highest, "2.79");
    assertThat(cloud.received("GET " + SERVERS)).isEmpty();
  }

  @Test
  void cinderIsAskedAboveItsProject() {
    cloud.answer("GET /volume/v3/p1/volumes", Reply.ok("{}"));
    cinder().get("/volumes");
    assertThat(
            cloud.received("GET /volume/v3/p1/volumes").getFirst().header("OpenStack-API-Version"))
        .isEqualTo("volume 3.70");
  }

  @Test
  void versionsAreOrderedByNumberNotByText() {
    assertThat(new Microversion(2, 100)).isGreaterThan(new Microversion(2, 79));
    assertThat(new Microversion(3, 0)).isGreaterThan(new Microversion(2, 100));
    assertThat(Microversion.parse("2.79")).contains(new Microversion(2, 79));
    assertThat(Microversion.parse("latest")).isEmpty();
  }
}
