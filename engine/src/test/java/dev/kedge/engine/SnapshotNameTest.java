package dev.kedge.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotNameTest {
  private static final UUID POINT = UUID.fromString("0123abcd-4567-489a-bcde-f0123456789a");

  @Test
  void aNameIsReadBack() {
    SnapshotName name = SnapshotName.of(POINT, Instant.ofEpochMilli(1_700_000_000_999L));
    assertThat(name).hasToString("backup." + POINT + ".snap.1700000000");
    assertThat(SnapshotName.parse(name.toString())).contains(name);
  }

  @Test
  void cinderTakesItForOneOfItsOwn() {
    // cinder/volume/drivers/rbd.py: such snapshots never block a volume's deletion.
    assertThat(SnapshotName.of(POINT, Instant.EPOCH).toString())
        .matches("^backup\\.([a-z0-9\\-]+?)\\.snap\\.(.+)$");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "backup",
        "backup.0123abcd-4567-489a-bcde-f0123456789a.snap.",
        "backup.0123abcd-4567-489a-bcde-f0123456789a.snap.-1",
        "backup.0123abcd-4567-489a-bcde-f0123456789a.snap.1700000000.12",
        "backup.0123abcd-4567-489a-bcde-f0123456789a.snap.9999999999999999999",
        "backup.0123ABCD-4567-489A-BCDE-F0123456789A.snap.1",
        "backup.1-2-3-4-5.snap.1",
        "backup.0123abcd-4567-489a-bcde-f0123456789a.snap.1\n",
        "xbackup.0123abcd-4567-489a-bcde-f0123456789a.snap.1"
      })
  void otherNamesAreNotOurs(String name) {
    assertThat(SnapshotName.parse(name)).isEmpty();
  }
}
