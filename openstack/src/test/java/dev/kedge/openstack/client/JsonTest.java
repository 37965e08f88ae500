package dev.kedge.openstack.client;

import static dev.kedge.openstack.testing.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  private static ApiObject object(String json) {
    return ApiObject.kept(
        ApiJson.parse(json.getBytes(StandardCharsets.UTF_8)).orElseThrow(), "the test's object");
  }

  @Test
  void theApisManyWaysToSayYesAreUnderstood() {
    ApiObject json =
        object(
            "{\"a\": true, \"b\": \"true\", \"c\": \"True\", \"d\": \"false\", \"e\": \"\", \"f\": null}");
    assertThat(json.flag("a") && json.flag("b") && json.flag("c")).isTrue();
    assertThat(json.flag("d") || json.flag("e") || json.flag("f", false)).isFalse();
    assertThat(json.flag("missing", true)).isTrue();
  }

  @Test
  void aNumberMayComeAsText() {
    ApiObject json = object("{\"a\": 5, \"b\": \"5\", \"c\": \"\", \"d\": 9223372036854775808}");
    assertThat(json.number("a")).isEqualTo(5);
    assertThat(json.number("b")).isEqualTo(5);
    assertThat(json.number("c", 0)).isZero();
    assertThat(json.number("missing", 7)).isEqualTo(7);
    assertFails(ErrorCode.FAILED, () -> json.number("d"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing", "number", "nothing"})
  void aTextThatIsNoneIsNamed(String field) {
    ApiObject json = object("{\"number\": 1, \"nothing\": null}");
    assertThat(assertFails(ErrorCode.FAILED, () -> json.text(field)))
        .hasMessageContainingAll("the test's object", field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "1", "{\"a\": 1e99999999999}", "nul"})
  void whatIsNoObjectIsNone(String text) {
    assertThat(ApiJson.parse(text.getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  @Test
  void anIdCannotLeaveItsPlaceInAPath() {
    assertThat(ApiPath.of("servers", "a/../b?c d")).isEqualTo("/servers/a%2F..%2Fb%3Fc%20d");
    assertThatThrownBy(() -> ApiPath.of("servers", ".."))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ApiPath.of("servers", ""))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
