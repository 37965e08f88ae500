package dev.kedge.openstack.testing;

import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.Waiter;
import dev.kedge.openstack.cloud.Clouds;
import dev.kedge.openstack.cloud.Surroundings;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.UUID;

/**
 * The lab's real OpenStack, as an operator and as a tenant. What a test makes there it has cleaned
 * up when this is closed, the last thing first. Not thread-safe.
 */
public final class LabCloud implements AutoCloseable {
  private final OpenStack admin = connect("kedge-admin");
  private final OpenStack adminOfDemo = connect("kedge-admin-demo");
  private final OpenStack demo = connect("kedge-demo");
  private final OpenStack other = connect("kedge-other");
  private final Deque<Runnable> cleanUps = new ArrayDeque<>();
  private final String mark = "kedge-it-" + UUID.randomUUID().toString().substring(0, 8);

  /** A cloud of the lab's clouds.yaml, which {@code OS_CLIENT_CONFIG_FILE} names. */
  public static OpenStack connect(String name) {
    return new OpenStack(new Clouds(Surroundings.ofProcess()).resolve(name, Map.of()));
  }

  /** The operator, in a project of his own. */
  public OpenStack admin() {
    return admin;
  }

  /** The operator, in the tenant's project. */
  public OpenStack adminOfDemo() {
    return adminOfDemo;
  }

  /** The tenant. */
  public OpenStack demo() {
    return demo;
  }

  /** Another tenant. */
  public OpenStack other() {
    return other;
  }

  /** A name that nothing else in the lab has. */
  public String name(String what) {
    return mark + "-" + what;
  }

  /** Waits up to three minutes for each thing. */
  public Waiter waiter() {
    return new Waiter(Duration.ofMinutes(3), new CancelToken(), state -> {});
  }

  /** Has something done at the end, whatever happens. */
  public void later(Runnable cleanUp) {
    cleanUps.push(cleanUp);
  }

  @Override
  public void close() {
    KedgeException failure = null;
    for (Runnable cleanUp : cleanUps) {
      try {
        cleanUp.run();
      } catch (KedgeException e) {
        failure = e;
      }
    }
    admin.close();
    adminOfDemo.close();
    demo.close();
    other.close();
    if (failure != null) {
      throw failure;
    }
  }
}
