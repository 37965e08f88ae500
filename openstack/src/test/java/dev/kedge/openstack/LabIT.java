package dev.kedge.openstack;

import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.cinder.VolumeSpec;
import dev.kedge.openstack.testing.LabCloud;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** A test on the lab's OpenStack ({@code lab/openstack up}). */
@Tag("openstack")
@EnabledIfEnvironmentVariable(named = "KEDGE_LAB_OPENSTACK", matches = ".+")
abstract class LabIT {
  final LabCloud lab = new LabCloud();

  @AfterEach
  final void cleanUp() {
    lab.close();
  }

  /** A tenant's volume of 1 GiB that is available. */
  final Volume volume(String what, String type) {
    Volume made = lab.demo().cinder().create(VolumeSpec.empty(lab.name(what), 1, type));
    lab.later(() -> deleteVolume(made.id()));
    return available(made);
  }

  final Volume available(Volume volume) {
    return lab.waiter()
        .until(
            volume.label(),
            () -> lab.demo().cinder().volumes().get(volume.id()),
            Volume::state,
            Set.of("available"));
  }

  final void deleteVolume(String id) {
    lab.demo().cinder().volumes().delete(id);
    lab.waiter()
        .untilGone("volume " + id, () -> lab.demo().cinder().volumes().find(id), Volume::state);
  }
}
