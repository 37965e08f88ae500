package dev.kedge.openstack.cloud;

/** A password, key or token. Prints as nothing of itself. Immutable. */
public final class Secret {
  private final String value;

  /** A secret of at least one character. */
  public Secret(String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("a secret cannot be empty");
    }
    this.value = value;
  }

  /** The secret itself: for the wire only, never for a message. */
  public String reveal() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && value.equals(secret.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "(secret)";
  }
}
