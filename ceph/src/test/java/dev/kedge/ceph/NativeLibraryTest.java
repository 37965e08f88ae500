package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.WrongMethodTypeException;
import org.junit.jupiter.api.Test;

class NativeLibraryTest {
  @Test
  void aMissingLibraryIsNamedWithItsPackageAtTheFirstCall() {
    NativeFunction function =
        new NativeLibrary("librados-of-nobody.so.9", "librados9")
            .function("rados_connect", JAVA_INT, ADDRESS);
    assertThatThrownBy(() -> function.call(MemorySegment.NULL))
        .isInstanceOfSatisfying(
            KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LIBRARY_MISSING))
        .hasMessage("librados-of-nobody.so.9 cannot be loaded: install the package librados9");
  }

  @Test
  void aMissingSymbolFailsOnlyWhenItIsCalled() {
    NativeLibrary c = new NativeLibrary("libc.so.6", "libc6");
    NativeFunction missing = c.function("rbd_of_the_future", JAVA_INT, ADDRESS);
    NativeFunction present = c.function("getpid", JAVA_INT);
    assertThat(present.exists()).isTrue();
    assertThat(missing.exists()).isFalse();
    assertThatThrownBy(() -> missing.call(MemorySegment.NULL))
        .isInstanceOfSatisfying(
            KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LIBRARY_MISSING))
        .hasMessageContaining("rbd_of_the_future")
        .hasMessageContaining("libc6");
  }

  @Test
  void aCallOfAnotherShapeThanDeclaredIsRefused() {
    NativeFunction abs =
        new NativeLibrary("libc.so.6", "libc6").function("abs", JAVA_INT, JAVA_INT);
    assertThatThrownBy(() -> abs.call(MemorySegment.NULL))
        .isInstanceOf(WrongMethodTypeException.class);
  }
}
