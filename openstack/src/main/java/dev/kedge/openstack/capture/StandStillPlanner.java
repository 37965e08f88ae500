package dev.kedge.openstack.capture;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.config.KedgeConfig;
import dev.kedge.openstack.freeze.StandStill;
import dev.kedge.openstack.freeze.Virsh;
import dev.kedge.openstack.nova.Server;
import dev.kedge.repository.InstancePoint.Consistency;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Chooses how a guest is made to stand still. By itself it freezes file systems where the agent
 * answers. Where that does not, it pauses the guest only if there are several disks, which would
 * else be of different moments; a single snapshot is as good as a loss of power without.
 * Thread-safe.
 */
final class StandStillPlanner {
  private static final Duration LOOK = Duration.ofSeconds(10);

  private final OpenStack cloud;
  private final KedgeConfig config;

  StandStillPlanner(OpenStack cloud, KedgeConfig config) {
    this.cloud = cloud;
    this.config = config;
  }

  /**
   * The plan for a guest.
   *
   * @param disksOfMoment how many images are snapshotted together; none: no guest needs to stand
   *     still
   * @throws KedgeException where the wish cannot be fulfilled
   */
  StandStillPlan plan(Server server, ConsistencyWish wish, int disksOfMoment) {
    Optional<Consistency> still = withoutDoing(server);
    if (still.isPresent()) {
      return StandStillPlan.nothing(still.get());
    }
    if (disksOfMoment == 0) {
      return withoutMoment(server, wish);
    }
    return switch (wish) {
      case CRASH -> StandStillPlan.nothing(Consistency.CRASH);
      case AGENT -> new StandStillPlan(Consistency.AGENT, requiredAgent(server), List.of());
      case PAUSE -> new StandStillPlan(Consistency.PAUSE, pause(server), List.of());
      case AUTO -> automatic(server, disksOfMoment);
    };
  }

  /** Cinder's snapshots take longer than a guest may stand still. */
  private static StandStillPlan withoutMoment(Server server, ConsistencyWish wish) {
    return switch (wish) {
      case AUTO, CRASH -> StandStillPlan.nothing(Consistency.CRASH);
      case AGENT, PAUSE ->
          throw new KedgeException(
              ErrorCode.REFUSED,
              server.label()
                  + " has no disk on Ceph, and Cinder's snapshots of the others take too long for it"
                  + " to stand still: stop it first, or use --consistency crash");
    };
  }

  private StandStill requiredAgent(Server server) {
    try {
      return agent(server);
    } catch (KedgeException e) {
      throw new KedgeException(
          e.code(), server.label() + " cannot be frozen: " + e.getMessage(), e);
    }
  }

  /** A guest that does not run stands still already. */
  static Optional<Consistency> withoutDoing(Server server) {
    return switch (Objects.requireNonNullElse(server.vmState(), server.status())) {
      case "stopped", "SHUTOFF", "shelved", "shelved_offloaded" -> Optional.of(Consistency.STOPPED);
      case "paused", "PAUSED", "suspended", "SUSPENDED" -> Optional.of(Consistency.PAUSE);
      default -> Optional.empty();
    };
  }

  private StandStillPlan automatic(Server server, int disksOfMoment) {
    String why;
    try {
      return new StandStillPlan(Consistency.AGENT, agent(server), List.of());
    } catch (KedgeException e) {
      why = "its file systems were not frozen: " + e.getMessage();
    }
    if (disksOfMoment <= 1) {
      return StandStillPlan.nothing(Consistency.CRASH, why);
    }
    return new StandStillPlan(Consistency.PAUSE, pause(server), List.of(why));
  }

  private StandStill agent(Server server) {
    String uri = uri(server);
    new Virsh(uri).requireAgent(server.id());
    return new StandStill.Agent(uri, server.id());
  }

  /** By libvirt, which takes milliseconds, where that knows the guest; else by Nova. */
  private StandStill pause(Server server) {
    try {
      String uri = uri(server);
      if (new Virsh(uri).state(server.id(), LOOK).startsWith("running")) {
        return new StandStill.Suspend(uri, server.id());
      }
    } catch (KedgeException e) {
      // Not for this machine or this user to reach; Nova can.
    }
    return new StandStill.NovaPause(
        cloud.nova().url(server.id()),
        cloud.token().value(),
        cloud.config().caFile(),
        cloud.config().verify());
  }

  private String uri(Server server) {
    String template =
        config
            .libvirtUri()
            .orElseThrow(() ->
                new KedgeException(
                    ErrorCode.USAGE,
                    "its agent can be asked only through libvirt: set uri under libvirt in "
                        + config.file()));
    if (!template.contains("{host}")) {
      return template;
    }
    String host = server.host();
    if (host == null) {
      throw new KedgeException(
          ErrorCode.PERMISSION_DENIED,
          "Nova does not tell this user on which host it runs, which uri under libvirt in "
              + config.file()
              + " needs");
    }
    return template.replace("{host}", host);
  }
}
