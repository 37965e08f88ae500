package dev.kedge.openstack.client;

import static dev.kedge.openstack.testing.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.openstack.testing.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorTest extends CloudTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          400 | FAILED            | {"badRequest": {"code": 400, "message": "bad name"}}          | bad name
          403 | PERMISSION_DENIED | {"forbidden": {"code": 403, "message": "Policy forbids"}}     | Policy forbids
          403 | REFUSED           | {"forbidden": {"message": "Quota exceeded for cores"}}        | Quota exceeded
          404 | NOT_FOUND         | {"NeutronError": {"type": "PortNotFound", "message": "No port", "detail": ""}} | No port
          409 | BUSY              | {"conflictingRequest": {"message": "is in vm_state paused"}}  | vm_state paused
          409 | REFUSED           | {"NeutronError": {"message": "Quota exceeded for resources"}} | Quota
          413 | REFUSED           | {"overLimit": {"message": "VolumeLimitExceeded: quota"}}      | quota
          500 | FAILED            | {"title": "Broken", "description": "Barbican fell over"}      | Barbican fell over
          500 | FAILED            | <html>oops</html>                                             | log has the request
          """)
  void theServicesOwnWordsAreShownWithTheRequest(
      int status, ErrorCode code, String body, String words) {
    cloud.answer(
        "GET " + SERVERS + "/s1", Reply.json(status, body).with("x-openstack-request-id", "req-1"));
    assertThat(
            assertFails(
                code, () -> nova().get("/servers/s1", Query.of("secret", "must not be shown"))))
        .hasMessageContainingAll(
            "Nova",
            Integer.toString(status),
            "GET http://localhost:",
            SERVERS + "/s1",
            "req-1",
            words)
        .hasMessageNotContaining("must");
  }

  @Test
  void aMessageOfManyLinesBecomesOne() {
    cloud.answer("GET " + SERVERS, Reply.json(400, "{\"e\": {\"message\": \"one\\n  two\"}}"));
    assertThat(assertFails(ErrorCode.FAILED, () -> nova().get("/servers")))
        .hasMessageContaining("one two");
  }

  @Test
  void aMissingFieldIsNamedWithItsRequest() {
    cloud.answer("GET " + SERVERS, Reply.ok("{\"server\": {\"flavor\": {}}}"));
    ApiObject flavor = nova().get("/servers").object("server").object("flavor");
    assertThat(assertFails(ErrorCode.FAILED, () -> flavor.number("vcpus")))
        .hasMessageContainingAll("Nova", "GET", SERVERS, "server.flavor.vcpus", "is missing");
  }

  @Test
  void whatIsNoJsonIsReportedAsSuch() {
    cloud.answer("GET " + SERVERS, Reply.ok("<html>welcome to the proxy</html>"));
    assertThat(assertFails(ErrorCode.FAILED, () -> nova().get("/servers")))
        .hasMessageContaining("no JSON object");
  }

  @Test
  void unknownFieldsAreKept() {
    cloud.answer("GET " + SERVERS, Reply.ok("{\"server\": {\"id\": \"s\", \"new:field\": [1]}}"));
    assertThat(nova().get("/servers").object("server").raw().toString())
        .isEqualTo("{\"id\":\"s\",\"new:field\":[1]}");
  }

  @Test
  void eachRequestCarriesAnIdForTheServicesLogs() {
    cloud.answer("GET " + SERVERS, Reply.ok("{}"));
    nova().get("/servers");
    assertThat(cloud.received("GET " + SERVERS).getFirst().header("X-OpenStack-Request-ID"))
        .matches("req-[0-9a-f-]{36}");
  }
}
