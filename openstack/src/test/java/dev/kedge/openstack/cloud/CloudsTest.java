package dev.kedge.openstack.cloud;

import static dev.kedge.openstack.testing.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CloudsTest {
  private static final String TWO_CLOUDS =
      """
      clouds:
        prod:
          auth:
            auth_url: https://keystone.example:5000/v3
            username: alice
            password: 007
            project_name: web
            project_domain_name: Acme
          region_name: North
          interface: internal
          cacert: ~/ca.pem
          api_timeout: 2.5
          volume_endpoint_override: https://cinder.example/v3/abc
          networks:
            - name: ignored
        dev:
          auth_type: v3applicationcredential
          auth:
            auth_url: http://localhost:5000
            application_credential_id: a1
            application_credential_secret: s3cret
          verify: false
      """;

  @TempDir Path folder = Path.of("");
  private final Map<String, String> variables = new HashMap<>();

  private Surroundings surroundings() {
    return new Surroundings(
        variables, folder.resolve("cwd"), folder.resolve("home"), folder.resolve("etc"));
  }

  private CloudConfig resolve(@Nullable String name, Map<String, String> options) {
    return new Clouds(surroundings()).resolve(name, options);
  }

  private CloudConfig resolve() {
    return resolve(null, Map.of());
  }

  private Path write(String path, String text) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static String cloudNamed(String name, String url) {
    return "clouds:\n  %s:\n    auth: {auth_url: '%s', username: u, password: p}\n"
        .formatted(name, url);
  }

  private void setPasswordVariables() {
    variables.put("OS_AUTH_URL", "http://localhost:5000/v3");
    variables.put("OS_USERNAME", "bob");
    variables.put("OS_PASSWORD", "pw");
  }

  @Test
  void aCloudOfTheFileIsReadInWhole() throws IOException {
    write("cwd/clouds.yaml", TWO_CLOUDS);
    CloudConfig prod = resolve("prod", Map.of());
    assertThat(prod.authUrl()).isEqualTo(URI.create("https://keystone.example:5000/v3"));
    assertThat(prod.method())
        .isEqualTo(
            new AuthMethod.Password(
                new DomainMember(Reference.name("alice"), Reference.id("default")),
                new Secret("007")));
    assertThat(prod.scope())
        .isEqualTo(
            new AuthScope.Project(new DomainMember(Reference.name("web"), Reference.name("Acme"))));
    assertThat(prod.region()).isEqualTo("North");
    assertThat(prod.endpointInterface()).isEqualTo(EndpointInterface.INTERNAL);
    assertThat(prod.caFile()).isEqualTo(folder.resolve("home/ca.pem"));
    assertThat(prod.requestTimeout()).isEqualTo(Duration.ofMillis(2500));
    assertThat(prod.endpointOverrides())
        .containsExactly(Map.entry("volume", URI.create("https://cinder.example/v3/abc")));
    assertThat(prod.verify()).isTrue();
  }

  @Test
  void anApplicationCredentialIsRead() throws IOException {
    write("cwd/clouds.yaml", TWO_CLOUDS);
    variables.put("OS_CLOUD", "dev");
    CloudConfig dev = resolve();
    assertThat(dev.method())
        .isEqualTo(
            new AuthMethod.ApplicationCredential(Reference.id("a1"), null, new Secret("s3cret")));
    assertThat(dev.scope()).isEqualTo(new AuthScope.Unspecified());
    assertThat(dev.verify()).isFalse();
  }

  @Test
  void secretsMayLieInAFileOfTheirOwn() throws IOException {
    write(
        "home/.config/openstack/clouds.yaml",
        "clouds: {c: {auth: {auth_url: 'http://x', username: u}}}");
    write("etc/openstack/secure.yaml", "clouds: {c: {auth: {password: kept apart}}}");
    assertThat(((AuthMethod.Password) resolve("c", Map.of()).method()).password())
        .isEqualTo(new Secret("kept apart"));
  }

  @Test
  void filesAreFoundInTheOrderOfOpenstacksdk() throws IOException {
    write("etc/openstack/clouds.yaml", cloudNamed("c", "http://etc"));
    assertThat(resolve().authUrl()).hasHost("etc");
    write("home/.config/openstack/clouds.yaml", cloudNamed("c", "http://home"));
    assertThat(resolve().authUrl()).hasHost("home");
    write("cwd/clouds.yaml", cloudNamed("c", "http://cwd"));
    assertThat(resolve().authUrl()).hasHost("cwd");
    variables.put(
        "OS_CLIENT_CONFIG_FILE", write("named.yaml", cloudNamed("c", "http://named")).toString());
    assertThat(resolve().authUrl()).hasHost("named");
  }

  @Test
  void aNamedFileThatIsMissingIsNotPassedOver() throws IOException {
    write("cwd/clouds.yaml", cloudNamed("c", "http://cwd"));
    variables.put("OS_CLIENT_CONFIG_FILE", "missing.yaml");
    assertThat(assertFails(ErrorCode.NOT_FOUND, this::resolve))
        .hasMessageContaining("missing.yaml");
  }

  @Test
  void aProfileFillsInWhatTheCloudDoesNotSay() throws IOException {
    write(
        "cwd/clouds.yaml",
        "clouds: {c: {profile: big, region_name: Mine, auth: {username: u, password: p}}}");
    write(
        "cwd/clouds-public.yaml",
        "public-clouds: {big: {region_name: Theirs, auth: {auth_url: 'https://big.example'}}}");
    CloudConfig config = resolve();
    assertThat(config.authUrl()).hasHost("big.example");
    assertThat(config.region()).isEqualTo("Mine");
  }

  @Test
  void theEnvironmentAloneIsEnough() {
    setPasswordVariables();
    variables.put("OS_TENANT_NAME", "web");
    variables.put("OS_PROJECT_DOMAIN_ID", "d1");
    variables.put("OS_USER_DOMAIN_NAME", "Acme");
    variables.put("OS_ENDPOINT_TYPE", "adminURL");
    variables.put("OS_PROJECT_ID", "");
    CloudConfig config = resolve();
    assertThat(config.scope())
        .isEqualTo(
            new AuthScope.Project(new DomainMember(Reference.name("web"), Reference.id("d1"))));
    assertThat(((AuthMethod.Password) config.method()).user())
        .isEqualTo(new DomainMember(Reference.name("bob"), Reference.name("Acme")));
    assertThat(config.endpointInterface()).isEqualTo(EndpointInterface.ADMIN);
  }

  @Test
  void aTrustCountsMoreThanAProject() {
    setPasswordVariables();
    variables.put("OS_TRUST_ID", "t1");
    variables.put("OS_PROJECT_NAME", "web");
    assertThat(resolve().scope()).isEqualTo(new AuthScope.Trust("t1"));
  }

  @Test
  void aTokenServesInsteadOfAPassword() {
    variables.put("OS_AUTH_URL", "http://localhost:5000/v3");
    variables.put("OS_TOKEN", "tok");
    variables.put("OS_PROJECT_ID", "p1");
    CloudConfig config = resolve();
    assertThat(config.method()).isEqualTo(new AuthMethod.ExistingToken(new Secret("tok")));
    assertThat(config.scope())
        .isEqualTo(
            new AuthScope.Project(new DomainMember(Reference.id("p1"), Reference.id("default"))));
  }

  @Test
  void aChosenCloudIsNotMixedWithAnotherOnesVariables() throws IOException {
    write("cwd/clouds.yaml", cloudNamed("c", "http://cwd"));
    setPasswordVariables();
    variables.put("OS_PROJECT_ID", "of another cloud");
    CloudConfig config = resolve("c", Map.of());
    assertThat(config.authUrl()).hasHost("cwd");
    assertThat(config.scope()).isEqualTo(new AuthScope.Unspecified());
    assertThat(((AuthMethod.Password) config.method()).password()).isEqualTo(new Secret("p"));
  }

  @Test
  void onlyThePasswordMayComeFromTheEnvironment() throws IOException {
    write("cwd/clouds.yaml", "clouds: {c: {auth: {auth_url: 'http://x', username: u}}}");
    variables.put("OS_PASSWORD", "typed");
    assertThat(((AuthMethod.Password) resolve("c", Map.of()).method()).password())
        .isEqualTo(new Secret("typed"));
  }

  @Test
  void anOptionReplacesTheNameAndTheIdOfAThing() throws IOException {
    write(
        "cwd/clouds.yaml",
        "clouds: {c: {auth: {auth_url: 'http://x', username: u, password: p, project_id: p1}}}");
    assertThat(resolve("c", Map.of("project_name", "web", "region-name", "R")).scope())
        .isEqualTo(
            new AuthScope.Project(
                new DomainMember(Reference.name("web"), Reference.id("default"))));
  }

  @Test
  void severalCloudsAreAQuestionAndAnUnknownOneGetsTheirNames() throws IOException {
    write("cwd/clouds.yaml", TWO_CLOUDS);
    assertThat(assertFails(ErrorCode.USAGE, this::resolve)).hasMessageContaining("prod, dev");
    assertThat(assertFails(ErrorCode.NOT_FOUND, () -> resolve("prdo", Map.of())))
        .hasMessageContainingAll("prdo", "prod, dev");
  }

  @Test
  void nothingConfiguredIsSaidWithTheWayOut() {
    assertThat(assertFails(ErrorCode.USAGE, this::resolve)).hasMessageContaining("OS_AUTH_URL");
    assertThat(assertFails(ErrorCode.NOT_FOUND, () -> resolve("c", Map.of())))
        .hasMessageContaining("clouds.yaml");
  }

  @Test
  void complaintsNameTheKeyAndNeverASecret() throws IOException {
    write("cwd/clouds.yaml", TWO_CLOUDS);
    variables.put("OS_CLOUD", "prod");
    for (Map<String, String> wrong :
        List.of(
            Map.of("auth_url", "https://alice:s3cret@keystone"),
            Map.of("auth_url", "ftp://s3cret"),
            Map.of("verify", "s3cret"),
            Map.of("interface", "s3cret"),
            Map.of("api_timeout", "s3cret"))) {
      KedgeException failure = assertFails(ErrorCode.USAGE, () -> resolve(null, wrong));
      assertThat(failure)
          .hasMessageContainingAll("prod", wrong.keySet().iterator().next())
          .hasMessageNotContaining("s3cret");
    }
    assertThat(
            assertFails(
                ErrorCode.USAGE, () -> resolve(null, Map.of("auth_type", "v3oidcpassword"))))
        .hasMessageContaining("v3oidcpassword");
  }

  @Test
  void brokenYamlIsReportedByLineWithoutItsText() throws IOException {
    write("cwd/clouds.yaml", "clouds:\n  c:\n    auth:\n      password: s3cret: oops\n");
    assertThat(assertFails(ErrorCode.USAGE, this::resolve))
        .hasMessageContainingAll("clouds.yaml", "line 4")
        .hasMessageNotContaining("s3cret");
  }
}
