package dev.kedge.repository.s3;

import static dev.kedge.repository.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.utils.StringInputStream;

class AwsSettingsTest {
  private static final String PROFILES =
      """
      [default]
      region = eu-one
      [profile ceph]
      region = eu-two
      endpoint_url = https://all.example:1
      ca_bundle = /etc/ceph-ca.pem
      services = mine
      [profile plain]
      endpoint_url = https://plain.example:2
      s3 =
        addressing_style = virtual
      [services mine]
      s3 =
        endpoint_url = https://s3.example:3
      """;

  private static AwsSettings settings(
      S3Options options, String profile, Map<String, String> environment) {
    ProfileFile file =
        ProfileFile.builder()
            .content(new StringInputStream(PROFILES))
            .type(ProfileFile.Type.CONFIGURATION)
            .build();
    return new AwsSettings(options, environment::get, file, profile);
  }

  @Test
  void withoutAnythingItIsAws() {
    AwsSettings settings = settings(S3Options.NONE, "none", Map.of());
    assertThat(settings.endpoint()).isEmpty();
    assertThat(settings.region()).isEmpty();
    assertThat(settings.caFile()).isEmpty();
    assertThat(settings.pathStyle()).isFalse();
    assertThat(settings(S3Options.NONE, "default", Map.of()).region()).hasValue("eu-one");
  }

  @Test
  void aProfileNamesTheStoreAndTheServiceMoreSo() {
    AwsSettings ceph = settings(S3Options.NONE, "ceph", Map.of());
    assertThat(ceph.endpoint()).hasValue(URI.create("https://s3.example:3"));
    assertThat(ceph.region()).hasValue("eu-two");
    assertThat(ceph.caFile()).hasValue(Path.of("/etc/ceph-ca.pem"));
    assertThat(ceph.pathStyle()).isTrue();
    AwsSettings plain = settings(S3Options.NONE, "plain", Map.of());
    assertThat(plain.endpoint()).hasValue(URI.create("https://plain.example:2"));
    assertThat(plain.pathStyle()).isFalse();
  }

  @Test
  void theEnvironmentComesBeforeTheProfileAndOptionsBeforeBoth() {
    Map<String, String> environment =
        Map.of(
            "AWS_ENDPOINT_URL", "http://env.example",
            "AWS_REGION", "env-one",
            "AWS_DEFAULT_REGION", "env-two",
            "AWS_CA_BUNDLE", "/env.pem");
    AwsSettings env = settings(S3Options.NONE, "ceph", environment);
    assertThat(env.endpoint()).hasValue(URI.create("http://env.example"));
    assertThat(env.region()).hasValue("env-one");
    assertThat(env.caFile()).hasValue(Path.of("/env.pem"));
    AwsSettings more =
        settings(
            S3Options.NONE,
            "ceph",
            Map.of("AWS_ENDPOINT_URL", "http://x", "AWS_ENDPOINT_URL_S3", "http://y:9"));
    assertThat(more.endpoint()).hasValue(URI.create("http://y:9"));
    URI own = URI.create("http://own:1");
    AwsSettings options =
        settings(new S3Options(own, "mine", false, Path.of("/own.pem")), "ceph", environment);
    assertThat(options.endpoint()).hasValue(own);
    assertThat(options.region()).hasValue("mine");
    assertThat(options.caFile()).hasValue(Path.of("/own.pem"));
    assertThat(options.pathStyle()).isFalse();
    assertThat(
            settings(S3Options.NONE, "ceph", Map.of("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"))
                .endpoint())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:7480", "ftp://x", "http://", "http://key:secret@x", "a b"})
  void anEndpointThatIsNoUrlIsNotRepeated(String text) {
    AwsSettings settings = settings(S3Options.NONE, "none", Map.of("AWS_ENDPOINT_URL", text));
    assertThat(assertFails(ErrorCode.USAGE, settings::endpoint))
        .hasMessageNotContaining("secret")
        .hasMessageContaining("http[s]://HOST[:PORT]");
  }
}
