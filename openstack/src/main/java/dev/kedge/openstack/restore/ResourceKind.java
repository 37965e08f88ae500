package dev.kedge.openstack.restore;

/** What a restore makes in a cloud. */
public enum ResourceKind {
  /** With its rules. */
  SECURITY_GROUP("security group"),
  /** A rule that an existing group lacked. */
  SECURITY_GROUP_RULE("security group rule"),
  /** Without its subnets. */
  NETWORK("network"),
  /** Of a network. */
  SUBNET("subnet"),
  /** Without its interfaces. */
  ROUTER("router"),
  /** A router's port in a subnet. */
  ROUTER_INTERFACE("router interface"),
  /** Chosen by an operator only. */
  FLAVOR("flavour"),
  /** Its id is its name. */
  KEY_PAIR("key pair"),
  /** Without members. */
  SERVER_GROUP("server group"),
  /** Empty. */
  IMAGE("image"),
  /** Of Cinder. */
  VOLUME("volume"),
  /** Of an instance. */
  PORT("port"),
  /** Leading to a port. */
  FLOATING_IP("floating address"),
  /** The instance itself. */
  SERVER("server");

  private final String label;

  ResourceKind(String label) {
    this.label = label;
  }

  /** For messages. */
  public String label() {
    return label;
  }
}
