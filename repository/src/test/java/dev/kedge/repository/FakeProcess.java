package dev.kedge.repository;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One of several processes on several hosts, some of them dead, all inside the test. */
final class FakeProcess extends Processes {
  private static final Set<Long> DEAD = ConcurrentHashMap.newKeySet();
  private static long next = 100;

  private final LeaseOwner self;

  private FakeProcess(LeaseOwner self) {
    this.self = self;
  }

  /** A process that no other process has been. */
  static synchronized FakeProcess on(String host) {
    return new FakeProcess(
        new LeaseOwner(host, "boot of " + host, "pid:[1]", next++, 77, Manifest.WRITER));
  }

  /** The process is no more, and its host knows. */
  void die() {
    DEAD.add(self.pid());
  }

  @Override
  public LeaseOwner self() {
    return self;
  }

  @Override
  public boolean isGone(LeaseOwner owner) {
    return owner.bootId().equals(self.bootId()) && DEAD.contains(owner.pid());
  }

  /** What a repository in this process needs; leases are renewed by hand. */
  RepositoryContext context(LeaseTime time) {
    return new RepositoryContext(time, this, LeaseTimes.DEFAULT, false);
  }
}
