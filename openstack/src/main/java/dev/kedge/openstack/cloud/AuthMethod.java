package dev.kedge.openstack.cloud;

import org.jspecify.annotations.Nullable;

/** How to prove to Keystone v3 who one is. */
public sealed interface AuthMethod {
  /** Whether a new token can be had when the old one has expired. */
  default boolean renewable() {
    return true;
  }

  /** A user's password. */
  record Password(DomainMember user, Secret password) implements AuthMethod {}

  /**
   * An application credential, which knows its own project.
   *
   * @param user whose it is; null where the credential is named by id
   */
  record ApplicationCredential(Reference credential, @Nullable DomainMember user, Secret secret)
      implements AuthMethod {}

  /** A token that somebody else got. Keystone gives it another scope, but no longer life. */
  record ExistingToken(Secret token) implements AuthMethod {
    @Override
    public boolean renewable() {
      return false;
    }
  }
}
