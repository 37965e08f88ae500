package dev.kedge.openstack.disks;

/** The disks that Nova makes itself, besides volumes. */
public enum NovaDiskKind {
  /** A copy of the image that the server booted from. */
  ROOT("root disk"),
  /** Empty at first, as large as the flavour says. */
  EPHEMERAL("ephemeral disk"),
  /** Swap space, as large as the flavour says. */
  SWAP("swap disk"),
  /** Metadata for the guest; Nova can make it again. */
  CONFIG_DRIVE("config drive");

  private final String label;

  NovaDiskKind(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}
