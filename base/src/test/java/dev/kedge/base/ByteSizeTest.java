package dev.kedge.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "0,0",
    "512,512",
    "64K,65536",
    "64k,65536",
    "64KiB,65536",
    "200M,209715200",
    "1.5G,1610612736",
    "2 TiB,2199023255552"
  })
  void readsWhatPeopleWrite(String text, long bytes) {
    assertThat(ByteSize.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "x", "64Q", "8E8E", "9000000000G", "1..5G", "K"})
  void refusesWhatIsNoSize(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text))
        .isInstanceOfSatisfying(
            KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE));
  }

  @Test
  void writesTheLargestUnitThatFits() {
    assertThat(ByteSize.format(0)).isEqualTo("0 B");
    assertThat(ByteSize.format(1023)).isEqualTo("1023 B");
    assertThat(ByteSize.format(512L << 20)).isEqualTo("512 MiB");
    assertThat(ByteSize.format(3L << 29)).isEqualTo("1.5 GiB");
    assertThat(ByteSize.format(Long.MAX_VALUE)).isEqualTo("8 EiB");
  }
}
