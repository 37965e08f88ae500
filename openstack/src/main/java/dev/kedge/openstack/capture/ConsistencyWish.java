package dev.kedge.openstack.capture;

/** What shall be done to guests for the moment of the snapshots. */
public enum ConsistencyWish {
  /** The agent if it answers; else a pause where there are several disks; else nothing. */
  AUTO,
  /** The agent freezes the file systems, or there is no backup. */
  AGENT,
  /** The processors are stopped, or there is no backup. */
  PAUSE,
  /** Nothing. */
  CRASH
}
