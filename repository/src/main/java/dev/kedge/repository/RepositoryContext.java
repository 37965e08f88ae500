package dev.kedge.repository;

/**
 * What a repository needs from the machine; tests bring their own.
 *
 * @param time the clocks
 * @param processes this process and the others
 * @param leaseTimes how long leases hold
 * @param renewInBackground whether a thread renews each lease
 */
record RepositoryContext(
    LeaseTime time, Processes processes, LeaseTimes leaseTimes, boolean renewInBackground) {
  static RepositoryContext system() {
    return new RepositoryContext(LeaseTime.SYSTEM, new Processes(), LeaseTimes.DEFAULT, true);
  }
}
