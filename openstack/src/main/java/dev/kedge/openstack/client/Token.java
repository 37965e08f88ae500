package dev.kedge.openstack.client;

import dev.kedge.openstack.cloud.Secret;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What Keystone gave.
 *
 * @param issuedAt by Keystone's clock
 * @param expiresAt by Keystone's clock
 * @param projectId null where the token is for no project
 * @param roles names
 */
public record Token(
    Secret value,
    Instant issuedAt,
    Instant expiresAt,
    String userId,
    @Nullable String projectId,
    @Nullable String projectName,
    List<String> roles,
    Catalog catalog) {

  /** Copies the roles. */
  public Token {
    roles = List.copyOf(roles);
  }

  /** Whether the token carries a role. */
  public boolean hasRole(String role) {
    return roles.contains(role);
  }
}
