package dev.kedge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RbdLocationTest {
  @Test
  void aLocationIsReadBack() {
    assertThat(RbdLocation.parse("rbd:volumes/disk 1"))
        .isEqualTo(new RbdLocation("volumes", "", "disk 1"))
        .hasToString("rbd:volumes/disk 1");
    assertThat(RbdLocation.parse("rbd:volumes/prod/db"))
        .isEqualTo(new RbdLocation("volumes", "prod", "db"))
        .hasToString("rbd:volumes/prod/db");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "volumes/disk",
        "rbd:",
        "rbd:disk",
        "rbd:/disk",
        "rbd:volumes/",
        "rbd:volumes//disk",
        "rbd:a/b/c/d",
        "rbd:volumes/disk@snap",
        "RBD:volumes/disk"
      })
  void anythingElseIsRefusedByItsName(String text) {
    assertThatThrownBy(() -> RbdLocation.parse(text))
        .isInstanceOfSatisfying(
            KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
        .hasMessageContaining("'" + text + "'");
  }
}
