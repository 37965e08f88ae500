package dev.kedge.openstack.client;

import static dev.kedge.openstack.testing.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.openstack.cloud.AuthMethod;
import dev.kedge.openstack.cloud.AuthScope;
import dev.kedge.openstack.cloud.CloudConfig;
import dev.kedge.openstack.cloud.DomainMember;
import dev.kedge.openstack.cloud.Reference;
import dev.kedge.openstack.cloud.Secret;
import dev.kedge.openstack.testing.FakeCloud;
import dev.kedge.openstack.testing.Received;
import dev.kedge.openstack.testing.Reply;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class AuthenticationTest extends CloudTest {
  private static final Reply OK = Reply.ok("{}");
  private static final Reply REFUSED =
      Reply.json(401, "{\"error\": {\"code\": 401, \"message\": \"who are you?\"}}");

  private String loginOf(AuthMethod method, AuthScope scope) {
    use(cloud.config(method, scope)).token();
    return cloud.received("POST /v3/auth/tokens").getLast().body();
  }

  private static AuthScope trust() {
    return new AuthScope.Trust("t1");
  }

  private static AuthMethod password() {
    return new AuthMethod.Password(
        new DomainMember(Reference.id("u1"), Reference.id("default")), new Secret("pw"));
  }

  @Test
  void aNameIsGivenWithItsDomainAndAnIdWithout() {
    AuthScope project =
        new AuthScope.Project(new DomainMember(Reference.name("demo"), Reference.name("Default")));
    assertThat(loginOf(password(), project))
        .isEqualTo(
            """
            {"auth":{"identity":{"password":{"user":{"id":"u1","password":"pw"}},"methods":["password"]},\
            "scope":{"project":{"name":"demo","domain":{"name":"Default"}}}}}\
            """);
  }

  @Test
  void aTrustIsAScope() {
    assertThat(loginOf(password(), trust()))
        .contains("\"scope\":{\"OS-TRUST:trust\":{\"id\":\"t1\"}}");
  }

  @Test
  void anApplicationCredentialAsksForNoScope() {
    assertThat(
            loginOf(
                new AuthMethod.ApplicationCredential(Reference.id("a1"), null, new Secret("s")),
                new AuthScope.Unspecified()))
        .isEqualTo(
            """
            {"auth":{"identity":{"application_credential":{"id":"a1","secret":"s"},\
            "methods":["application_credential"]}}}\
            """);
  }

  @Test
  void aTokenCanBeGivenAnotherScope() {
    assertThat(
            loginOf(
                new AuthMethod.ExistingToken(new Secret("old")),
                new AuthScope.Domain(Reference.id("d1"))))
        .contains("\"token\":{\"id\":\"old\"}", "\"scope\":{\"domain\":{\"id\":\"d1\"}}");
  }

  @Test
  void aRefusedTokenIsReplacedOnce() {
    cloud.answer("GET " + SERVERS, REFUSED, OK);
    nova().get("/servers");
    List<Received> requests = cloud.received("GET " + SERVERS);
    assertThat(requests)
        .extracting(request -> request.header("X-Auth-Token"))
        .containsExactly("token-1", "token-2");
    assertThat(cloud.logins()).isEqualTo(2);
  }

  @Test
  void aServiceThatRefusesEveryTokenIsAnErrorAndNoLoop() {
    cloud.answer("GET " + SERVERS, REFUSED);
    assertThat(assertFails(ErrorCode.AUTHENTICATION_FAILED, () -> nova().get("/servers")))
        .hasMessageContaining("who are you?");
    assertThat(cloud.received("GET " + SERVERS)).hasSize(2);
    assertThat(cloud.logins()).isEqualTo(2);
  }

  @Test
  void aTokenIsRenewedBeforeItExpires() {
    cloud.setTokenLife(Duration.ofMinutes(60));
    cloud.answer("GET " + SERVERS, OK);
    nova().get("/servers");
    clock.advance(Duration.ofMinutes(57));
    nova().get("/servers");
    assertThat(cloud.logins()).isEqualTo(1);
    clock.advance(Duration.ofMinutes(2));
    nova().get("/servers");
    assertThat(cloud.logins()).isEqualTo(2);
  }

  @Test
  void aTokenThatSomebodyElseGotIsNotRenewed() {
    use(
        cloud.config(
            new AuthMethod.ExistingToken(new Secret("given")), new AuthScope.Unspecified()));
    cloud.answer("GET " + SERVERS, OK, REFUSED);
    nova().get("/servers");
    clock.advance(Duration.ofHours(2));
    assertFails(ErrorCode.AUTHENTICATION_FAILED, () -> nova().get("/servers"));
    assertThat(cloud.logins()).isEqualTo(1);
  }

  @Test
  void aWrongPasswordIsReportedWithoutIt() {
    cloud.answer("POST /v3/auth/tokens", REFUSED);
    OpenStackException failure =
        (OpenStackException) assertFails(ErrorCode.AUTHENTICATION_FAILED, () -> session().token());
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    assertThat(trace.toString()).contains("Keystone").doesNotContain(FakeCloud.PASSWORD);
    assertThat(cloud.logins()).isEqualTo(1);
  }

  @Test
  void nothingPrintsASecret() {
    String token = session().token().toString();
    assertThat(token).contains("p1").doesNotContain("token-1");
    assertThat(cloud.config().toString()).contains("demo").doesNotContain(FakeCloud.PASSWORD);
  }

  @Test
  void keystoneMayBeNamedWithoutItsVersion() {
    cloud.answer(
        "GET /identity/",
        Reply.json(
            300,
            """
            {"versions": {"values": [{"id": "v3.14", "status": "stable",
              "links": [{"rel": "self", "href": "http://elsewhere/identity/v3/"}]}]}}\
            """));
    cloud.answer("POST /identity/v3/auth/tokens", REFUSED);
    var config = cloud.config();
    use(
        new CloudConfig(
            config.name(),
            cloud.url("/identity"),
            config.method(),
            config.scope(),
            null,
            config.endpointInterface(),
            null,
            true,
            config.connectTimeout(),
            config.requestTimeout(),
            config.endpointOverrides()));
    assertFails(ErrorCode.AUTHENTICATION_FAILED, () -> session().token());
  }
}
