package dev.kedge.openstack.client;

import dev.kedge.openstack.cloud.AuthMethod;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The token in use; a new one before it expires, or when a service refuses it. Thread-safe. */
final class TokenHolder {
  private static final Duration LONGEST_MARGIN = Duration.ofMinutes(2);

  private final Supplier<Token> authenticate;
  private final boolean renewable;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Token token;
  private Instant renewAt = Instant.MAX;

  TokenHolder(Supplier<Token> authenticate, AuthMethod method, Clock clock) {
    this.authenticate = authenticate;
    this.renewable = method.renewable();
    this.clock = clock;
  }

  /** A token that lives for a while yet. */
  Token current() {
    lock.lock();
    try {
      Token known = token;
      return known == null || !clock.instant().isBefore(renewAt) ? renew() : known;
    } finally {
      lock.unlock();
    }
  }

  /** Another token than this one, which a service refused. */
  Token insteadOf(Token refused) {
    lock.lock();
    try {
      Token known = token;
      return known == null || known.value().equals(refused.value()) ? renew() : known;
    } finally {
      lock.unlock();
    }
  }

  boolean renewable() {
    return renewable;
  }

  private Token renew() {
    Token fresh = authenticate.get();
    token = fresh;
    renewAt = renewable ? clock.instant().plus(usefulLife(fresh)) : Instant.MAX;
    return fresh;
  }

  /** Both times are Keystone's, so that our clock may be wrong. */
  private static Duration usefulLife(Token fresh) {
    Duration life = Duration.between(fresh.issuedAt(), fresh.expiresAt());
    Duration fifth = life.dividedBy(5);
    return life.minus(fifth.compareTo(LONGEST_MARGIN) < 0 ? fifth : LONGEST_MARGIN);
  }
}
