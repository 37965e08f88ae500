package dev.kedge.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.openstack.glance.Image;
import dev.kedge.openstack.glance.ImageSpec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ImagesIT extends LabIT {
  @Test
  void anImageIsMadeUploadedReadAndDeleted() throws IOException {
    byte[] bytes = new byte[3 << 20];
    new Random(3).nextBytes(bytes);
    var glance = lab.demo().glance();
    Image made =
        glance.create(
            new ImageSpec(
                lab.name("image"), "raw", 1, 64, List.of("t1"), Map.of("os_distro", "none")));
    lab.later(() -> glance.images().delete(made.id()));
    assertThat(made.status()).isEqualTo("queued");
    glance.upload(
        made.id(), () -> new ByteArrayInputStream(bytes), bytes.length, Duration.ofMinutes(2));
    Image ready = glance.setProperties(made.id(), Map.of("hw_qemu_guest_agent", "yes"));
    assertThat(ready.status()).isEqualTo("active");
    assertThat(ready.sizeBytes()).isEqualTo(bytes.length);
    assertThat(ready.tags()).containsExactly("t1");
    assertThat(ready.properties())
        .containsAllEntriesOf(Map.of("os_distro", "none", "hw_qemu_guest_agent", "yes"));
    assertThat(ready.minRamMib()).isEqualTo(64);
    try (InputStream stored = glance.download(made.id())) {
      assertThat(stored.readAllBytes()).isEqualTo(bytes);
    }
    assertThat(lab.other().glance().images().find(made.id())).isEmpty();
  }
}
