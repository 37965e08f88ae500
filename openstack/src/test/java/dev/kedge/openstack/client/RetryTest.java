package dev.kedge.openstack.client;

import static dev.kedge.openstack.testing.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.openstack.testing.Reply;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryTest extends CloudTest {
  private static final Reply SERVER = Reply.ok("{\"server\": {\"id\": \"s1\"}}");
  private static final Reply LIMITED =
      Reply.json(429, "{\"overLimit\": {\"message\": \"slow down\"}}");

  private void read() {
    assertThat(nova().get("/servers/s1").object("server").text("id")).isEqualTo("s1");
  }

  private void create() {
    nova().create("/servers", ApiJson.object());
  }

  @Test
  void aServiceThatNamesATimeIsLeftAloneForThatTime() {
    cloud.answer("GET " + SERVERS + "/s1", LIMITED.with("Retry-After", "7"), SERVER);
    read();
    assertThat(pauses.pauses()).containsExactly(Duration.ofSeconds(7));
  }

  @Test
  void theTimeMayBeADate() {
    String inNineSeconds = "Mon, 23 Nov 2026 12:00:09 GMT";
    cloud.answer("GET " + SERVERS + "/s1", LIMITED.with("Retry-After", inNineSeconds), SERVER);
    read();
    assertThat(pauses.pauses()).containsExactly(Duration.ofSeconds(9));
  }

  @Test
  void aServiceThatNamesAnHourGetsItsErrorShown() {
    cloud.answer("GET " + SERVERS + "/s1", LIMITED.with("Retry-After", "3600"));
    assertThat(assertFails(ErrorCode.SOURCE_UNREACHABLE, this::read))
        .hasMessageContainingAll("429", "slow down");
    assertThat(pauses.pauses()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 503})
  void whatTheServiceDidNotBeginIsSentAgainEvenIfItCreates(int status) {
    cloud.answer("POST " + SERVERS, Reply.json(status, ""), Reply.json(status, ""), SERVER);
    create();
    assertThat(cloud.received("POST " + SERVERS)).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {502, 504})
  void aReadSurvivesAGatewayThatFails(int status) {
    cloud.answer("GET " + SERVERS + "/s1", Reply.json(status, "<html>"), SERVER);
    read();
    assertThat(cloud.received("GET " + SERVERS + "/s1")).hasSize(2);
  }

  @Test
  void aReadSurvivesADroppedConnection() {
    cloud.answer("GET " + SERVERS + "/s1", Reply.drop(), Reply.drop(), Reply.drop(), SERVER);
    read();
  }

  @Test
  void aDeletionThatWasDoneUnheardIsDone() {
    cloud.answer("DELETE " + SERVERS + "/s1", Reply.drop(), Reply.json(404, ""));
    assertThat(nova().delete("/servers/s1")).isFalse();
  }

  @Test
  void aCreationIsNeverSentAgainWhenNobodyKnowsWhatBecameOfIt() {
    cloud.answer("POST " + SERVERS, Reply.drop());
    assertThat(assertFails(ErrorCode.SOURCE_UNREACHABLE, this::create))
        .isInstanceOfSatisfying(
            OpenStackException.class, e -> assertThat(e.outcomeUnknown()).isTrue())
        .hasMessageContaining("look whether it was done");
    assertThat(cloud.received("POST " + SERVERS)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {502, 504})
  void aGatewayThatFailsLeavesACreationOpen(int status) {
    cloud.answer("POST " + SERVERS, Reply.json(status, ""));
    assertThat(assertFails(ErrorCode.SOURCE_UNREACHABLE, this::create))
        .isInstanceOfSatisfying(
            OpenStackException.class, e -> assertThat(e.outcomeUnknown()).isTrue());
    assertThat(cloud.received("POST " + SERVERS)).hasSize(1);
  }

  @Test
  void anObjectThatWasMadeUnheardIsFoundAndNotMadeAgain() {
    cloud.answer("POST " + SERVERS, Reply.drop());
    String found =
        Creation.once(
            () -> Optional.of("found"),
            () -> nova().create("/servers", ApiJson.object()).text("x"));
    assertThat(found).isEqualTo("found");
    assertThat(cloud.received("POST " + SERVERS)).hasSize(1);
  }

  @Test
  void anObjectThatWasNotMadeIsMadeAfterAll() {
    cloud.answer("POST " + SERVERS, Reply.drop(), SERVER);
    String made =
        Creation.once(
            Optional::empty,
            () -> nova().create("/servers", ApiJson.object()).object("server").text("id"));
    assertThat(made).isEqualTo("s1");
  }

  @Test
  void anErrorOfOursIsNotSentAgain() {
    cloud.answer("GET " + SERVERS + "/s1", Reply.json(400, ""));
    assertFails(ErrorCode.FAILED, this::read);
    assertThat(cloud.received("GET " + SERVERS + "/s1")).hasSize(1);
  }

  @Test
  void aLastingOutageIsReportedAfterWaitsThatGrowToABound() {
    cloud.answer(
        "GET " + SERVERS + "/s1", Reply.json(503, "").with("x-openstack-request-id", "r7"));
    assertThat(assertFails(ErrorCode.SOURCE_UNREACHABLE, this::read))
        .hasMessageContainingAll("Nova", "GET", "/servers/s1", "503", "r7");
    assertThat(cloud.received("GET " + SERVERS + "/s1")).hasSize(6);
    for (int i = 0; i < 5; i++) {
      assertThat(pauses.pauses().get(i))
          .isBetween(Duration.ofMillis(250L << i), Duration.ofMillis(500L << i));
    }
  }

  @Test
  void aCloudThatDoesNotRunIsReportedWithItsAddress() {
    cloud.close();
    assertThat(assertFails(ErrorCode.SOURCE_UNREACHABLE, this::read))
        .hasMessageContainingAll("Keystone", "localhost:", "refused", "6 attempts")
        .isInstanceOfSatisfying(
            OpenStackException.class, e -> assertThat(e.outcomeUnknown()).isFalse());
  }

  @Test
  void anAnswerThatNeverEndsIsGivenUp() {
    cloud.answer("GET " + SERVERS + "/s1", Reply.ok("x".repeat(33 << 20)));
    assertThat(assertFails(ErrorCode.SOURCE_UNREACHABLE, this::read))
        .hasMessageContaining("longer than");
    assertThat(cloud.received("GET " + SERVERS + "/s1")).hasSize(1);
  }
}
