package dev.kedge.repository;

/**
 * Repositories of processes that die when a test says so: to be in this package is what it takes to
 * bring a process of one's own.
 */
public final class MortalProcess {
  private static final java.util.Set<Long> DEAD = new java.util.HashSet<>();
  private static long next = 1_000_000;

  private final LeaseOwner self;

  /** One that lives. */
  public MortalProcess() {
    self = new LeaseOwner("here", "boot", "pid:[1]", next++, 77, Manifest.WRITER);
  }

  /** The repository as this process opens it. */
  public Repository open(BackupTarget target) {
    return Repository.open(
        target,
        new RepositoryContext(
            LeaseTime.SYSTEM,
            new Processes() {
              @Override
              public LeaseOwner self() {
                return self;
              }

              @Override
              public boolean isGone(LeaseOwner owner) {
                return DEAD.contains(owner.pid()) || owner.pid() < 1_000_000;
              }
            },
            LeaseTimes.DEFAULT,
            false));
  }

  /** It is killed. */
  public void die() {
    DEAD.add(self.pid());
  }
}
