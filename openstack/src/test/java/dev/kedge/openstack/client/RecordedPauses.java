package dev.kedge.openstack.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Waits in no time, and remembers for how long it should have. */
final class RecordedPauses implements Pause {
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();

  @Override
  public void sleep(Duration time) {
    pauses.add(time);
  }

  List<Duration> pauses() {
    return pauses;
  }
}
