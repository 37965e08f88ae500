package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.cli.testing.ApiTap;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Kedge;
import dev.kedge.cli.testing.LabGuest;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Running;
import dev.kedge.cli.testing.TenantWorld;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.testing.LabCloud;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A tenant's restores of a server of which nothing is left, neither its network nor its groups, on
 * the lab's OpenStack; and what becomes of them when they are killed at the worst moments.
 */
@Tag("openstack")
@EnabledIfEnvironmentVariable(named = "KEDGE_LAB_OPENSTACK", matches = ".+")
final class WholeRestoreIT extends CliTest {
  private final LabCloud lab = new LabCloud();
  private TenantWorld world;
  private List<String> facts;
  private List<String> networkFacts;
  private Path config;
  private Path target;
  private String point;

  @BeforeAll
  void backUpAndDestroy() throws IOException {
    config = newPath("kedge.yaml");
    Files.writeString(config, LabGuest.kedgeYaml());
    target = newPath("target");
    world = new TenantWorld(lab);
    facts = world.facts();
    networkFacts = world.networkFacts();
    point =
        tenant()
            .run(line("backup", world.serverName(), "--consistency", "crash", "--output", "json"))
            .exits(0)
            .json()
            .get("instances")
            .get(0)
            .get("restorePoint")
            .asString();
    world.leftovers().remove();
    nothingIsLeft();
  }

  @AfterEach
  void destroyAgain() {
    world.leftovers().remove();
  }

  @AfterAll
  void leave() {
    lab.close();
  }

  private Kedge tenant() {
    return kedge().with(Map.of("OS_CLOUD", "kedge-demo", "KEDGE_CONFIG", config.toString()));
  }

  private String[] line(String... words) {
    List<String> line = new ArrayList<>(List.of("instance"));
    line.addAll(Arrays.asList(words));
    line.addAll(List.of("--target", target.toString()));
    return line.toArray(String[]::new);
  }

  private String[] restoreLine(String... words) {
    List<String> line = new ArrayList<>(List.of("restore", point));
    line.addAll(Arrays.asList(words));
    return line(line.toArray(String[]::new));
  }

  private Running startRestore(Map<String, String> environment, String... words) {
    // A shell gives the commands that it runs in the background an ignored SIGINT.
    return tenant().behind("env", "--default-signal=INT").start(environment, restoreLine(words));
  }

  private Outcome restore(String... words) {
    return tenant().run(restoreLine(words));
  }

  private Map<String, String> through(ApiTap tap) throws IOException {
    return Map.of(
        "OS_CLIENT_SECURE_FILE", tap.secureYaml(newPath("secure.yaml"), "kedge-demo").toString());
  }

  /** Nothing in the cloud, and no journal on the target. */
  private void nothingIsLeft() throws IOException {
    assertThat(world.leftovers().all()).isEmpty();
    try (var files = Files.walk(target)) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .noneMatch(name -> name.startsWith("restore-"));
    }
  }

  /** Whether a request made something, for which a clean-up has to look. */
  private static boolean isCreation(String change) {
    return change.startsWith("POST")
        && !change.endsWith("/action")
        && !change.endsWith("/os-volume_attachments");
  }

  /** A run that gets a signal when a service has just done something, and does not know it. */
  private Outcome signalledAfter(String signal, Predicate<String> moment, String... words)
      throws IOException {
    return signalledAfter(signal, Runnable::run, moment, words);
  }

  private Outcome signalledAfter(
      String signal, Executor sender, Predicate<String> moment, String... words)
      throws IOException {
    CompletableFuture<Running> run = new CompletableFuture<>();
    try (ApiTap tap = ApiTap.of(lab.demo())) {
      tap.onChange(change -> {
        if (moment.test(change)) {
          Running running = run.join();
          sender.execute(() -> running.signal(signal));
        }
      });
      run.complete(startRestore(through(tap), words));
      return run.join().await();
    }
  }

  @Test
  void aDryRunSaysWhatIsGoneAndTouchesNothing() throws IOException {
    Outcome outcome = restore("--dry-run").exits(0);
    for (String made :
        List.of("network", "subnet", "router", "security group", "key pair", "server group")) {
      assertThat(outcome.out()).containsPattern("(?m)^create +" + made + " ");
    }
    assertThat(outcome.out())
        .contains("another one, where only operators may ask for a certain address")
        .doesNotContain("problem");
    nothingIsLeft();
  }

  @Test
  void theWholeWorldOfAnInstanceComesBackWhileNobodyElseRestoresIt() throws IOException {
    signalledAfter("KILL", change -> change.endsWith("/networks")).exits(137);
    CountDownLatch others = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    try (ApiTap tap = ApiTap.of(lab.demo())) {
      tap.onChange(change -> {
        if (change.endsWith("/routers")) {
          begun.countDown();
          await(others);
        }
      });
      Running first = startRestore(through(tap), "--resume");
      await(begun);
      int busy = ErrorCode.BUSY.exitStatus();
      restore().fails(busy, "another restore of the instance is under way");
      restore("--resume").fails(busy, "another restore of the instance is under way");
      restore("--clean-up").fails(busy, "another restore of the instance is under way");
      others.countDown();
      first.await().exits(0);
    }
    assertThat(world.facts()).isEqualTo(facts);
    restore().fails(1, "nothing was touched", "is used by port", "choose another in a plan");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Test
  void aRestoreThatIsKilledAfterEachThingThatItMakesIsGoneOnWithToTheSameEnd() throws IOException {
    int kills = 0;
    while (signalledAfter(
                "KILL",
                WholeRestoreIT::isCreation,
                kills == 0 ? new String[0] : new String[] {"--resume"})
            .status()
        != 0) {
      kills++;
      assertThat(kills).as("kills").isLessThan(60);
    }
    // Two groups, network, subnet, router, interface, volume, port, address, key, group, server.
    assertThat(kills).isGreaterThanOrEqualTo(12);
    assertThat(world.facts()).isEqualTo(facts);
  }

  /** One that carries no mark, and the last one, behind which all others are. */
  @ParameterizedTest
  @ValueSource(strings = {"/os-server-groups", "/servers"})
  void whatAKilledRestoreMadeLastIsCleanedUpToo(String call) throws IOException {
    signalledAfter("KILL", change -> change.endsWith(call)).exits(137);
    assertThat(world.leftovers().all()).isNotEmpty();
    restore().fails(1, "--resume", "--clean-up");
    restore("--clean-up").exits(0);
    nothingIsLeft();
    restore("--clean-up").fails(ErrorCode.NOT_FOUND.exitStatus(), "did not end");
  }

  /** Some time after a change of any kind; one that is never reached ends well. */
  @Test
  void aRestoreThatIsKilledAtAnyMomentIsCleanedUpOrGoneOnWith() throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 2 * THOROUGHNESS; i++) {
      int changes = 1 + random.nextInt(30);
      int laterMillis = random.nextInt(1_500);
      AtomicInteger seen = new AtomicInteger();
      Executor later = CompletableFuture.delayedExecutor(laterMillis, TimeUnit.MILLISECONDS);
      signalledAfter("KILL", later, change -> seen.incrementAndGet() == changes);
      Outcome next = restore(i % 2 == 0 ? "--clean-up" : "--resume");
      boolean ended = next.status() == ErrorCode.NOT_FOUND.exitStatus();
      assertThat(ended || next.status() == 0)
          .as("%d ms after change %d: %s", laterMillis, changes, next)
          .isTrue();
      if (ended || i % 2 == 1) {
        assertThat(world.facts()).isEqualTo(facts);
        world.leftovers().remove();
      }
      nothingIsLeft();
    }
  }

  @Test
  void anInterruptedRestoreRemovesWhatItMade() throws IOException {
    Outcome outcome = signalledAfter("INT", change -> change.endsWith("/volumes"));
    assertThat(outcome.status()).isEqualTo(ErrorCode.INTERRUPTED.exitStatus());
    assertThat(outcome.err()).contains("everything that was made is removed again");
    nothingIsLeft();
  }

  @Test
  void networksAndRulesComeBackWithoutTheInstance() {
    restore("--networks-only").exits(0);
    assertThat(world.networkFacts()).isEqualTo(networkFacts);
    var rules = lab.demo().neutron().securityGroupRules();
    world.group("web").rules().forEach(rule -> rules.delete(rule.id()));
    rules.create(
        ApiJson.object()
            .put("security_group_id", world.group("web").id())
            .put("direction", "ingress")
            .put("ethertype", "IPv4")
            .put("protocol", "udp"));
    restore("--security-groups-only").exits(0);
    List<String> now = new ArrayList<>(world.networkFacts());
    assertThat(now).containsAll(networkFacts).hasSize(networkFacts.size() + 1);
    restore("--security-groups-only").exits(0);
    assertThat(world.networkFacts()).isEqualTo(now);
  }
}
