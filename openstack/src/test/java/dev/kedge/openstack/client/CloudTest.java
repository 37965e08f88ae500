package dev.kedge.openstack.client;

import dev.kedge.openstack.cloud.CloudConfig;
import dev.kedge.openstack.testing.FakeCloud;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;

/** A fake cloud and a session with it, for one test. */
abstract class CloudTest {
  static final String SERVERS = "/compute/v2.1/servers";

  final FakeCloud cloud = FakeCloud.start();
  final RecordedPauses pauses = new RecordedPauses();
  final SettableClock clock = new SettableClock();
  private CloudSession session = session(cloud.config());

  /** Another session instead, with this configuration. */
  final CloudSession use(CloudConfig config) {
    session.close();
    session = session(config);
    return session;
  }

  private CloudSession session(CloudConfig config) {
    return new CloudSession(config, pauses, new Random(7), clock);
  }

  final CloudSession session() {
    return session;
  }

  final ServiceClient nova() {
    return session.service(ServiceType.COMPUTE);
  }

  final ServiceClient cinder() {
    return session.service(ServiceType.BLOCK_STORAGE);
  }

  @AfterEach
  final void stop() {
    session.close();
    cloud.close();
  }
}
