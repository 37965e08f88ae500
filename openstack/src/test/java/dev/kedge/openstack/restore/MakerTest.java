package dev.kedge.openstack.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.Waiter;
import dev.kedge.openstack.restore.plan.RestoreScope;
import dev.kedge.openstack.testing.FakeCloud;
import dev.kedge.openstack.testing.Reply;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.Repository;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that are refused, and requests of which nobody knows what became. */
final class MakerTest {
  private static final UUID INSTANCE = UUID.fromString("6f0cf5bc-3c1b-4f3c-9f6e-6a7c0f2c9d01");
  private static final UUID NEIGHBOUR = UUID.fromString("7f0cf5bc-3c1b-4f3c-9f6e-6a7c0f2c9d01");
  private static final String GROUPS = "/compute/v2.1/os-server-groups";
  private static final String PORTS = "/network/v2.0/ports";

  private final FakeCloud fake = FakeCloud.start();
  private final OpenStack cloud = new OpenStack(fake.config());
  private final Repository repository;
  private RestoreJournal journal;
  private Marks marks;
  private MadeObjects objects;
  private Maker maker;

  MakerTest(@TempDir Path folder) {
    repository = Repository.openOrCreate(new DirectoryTarget(folder.resolve("target")));
  }

  @BeforeEach
  void begin() {
    use(
        RestoreJournal.begin(
            repository.restoreJournals(),
            List.of(INSTANCE, NEIGHBOUR),
            UUID.randomUUID(),
            Instant.EPOCH,
            "p1",
            RestoreScope.INSTANCES,
            "the plan"));
  }

  private void use(RestoreJournal other) {
    journal = other;
    marks = new Marks(journal.id());
    objects =
        new MadeObjects(cloud, new Waiter(Duration.ofSeconds(5), new CancelToken(), state -> {}));
    maker = new Maker(journal, objects, marks, Progress.NONE, new CancelToken());
  }

  @AfterEach
  void close() {
    cloud.close();
    fake.close();
  }

  private static String group(String id, String... members) {
    return """
    {"id": "%s", "name": "web", "policy": "affinity", "members": [%s]}\
    """
        .formatted(
            id, String.join(", ", List.of(members).stream().map(m -> "\"" + m + "\"").toList()));
  }

  private static Reply groups(String... groups) {
    return Reply.ok("{\"server_groups\": [" + String.join(", ", groups) + "]}");
  }

  private String makeGroup() {
    return maker.make(
        ResourceKind.SERVER_GROUP,
        "was",
        "web",
        mark -> cloud.nova().serverGroups().create(ApiJson.object().put("name", "web")).id());
  }

  private List<String> cleanUp() {
    return new CleanUp(journal, objects, marks, Progress.NONE).run();
  }

  private RestoreJournal found(UUID instance) {
    return RestoreJournal.unfinished(repository.restoreJournals(), instance).orElseThrow();
  }

  @Test
  void aGroupWhoseAnswerWasLostIsTheNewOneAndNoOther() {
    fake.answer("GET " + GROUPS, groups(group("theirs")), groups(group("theirs"), group("ours")));
    fake.answer("POST " + GROUPS, Reply.drop());
    assertThat(makeGroup()).isEqualTo("ours");
    assertThat(fake.received("POST " + GROUPS)).hasSize(1);
  }

  @Test
  void aGroupThatWasBegunBeforeAKillIsRemovedAndTheirsStays() {
    fake.answer(
        "GET " + GROUPS,
        groups(group("theirs")),
        groups(group("theirs"), group("used", "a server"), group("ours")));
    fake.answer("DELETE " + GROUPS + "/ours", Reply.json(204, ""));
    journal.record(
        new Made(
            ResourceKind.SERVER_GROUP,
            "was",
            "web",
            null,
            objects.others(ResourceKind.SERVER_GROUP, "web")));
    use(found(NEIGHBOUR));
    assertThat(cleanUp()).isEmpty();
    assertThat(fake.received("DELETE " + GROUPS + "/ours")).hasSize(1);
    assertThat(fake.received("DELETE " + GROUPS + "/theirs")).isEmpty();
    assertThat(fake.received("DELETE " + GROUPS + "/used")).isEmpty();
    for (UUID instance : List.of(INSTANCE, NEIGHBOUR)) {
      assertThat(RestoreJournal.unfinished(repository.restoreJournals(), instance)).isEmpty();
    }
  }

  @Test
  void whereTwoNewGroupsCouldBeItNeitherIsRemoved() {
    fake.answer("GET " + GROUPS, groups(), groups(group("one"), group("two")));
    journal.record(
        new Made(
            ResourceKind.SERVER_GROUP,
            "was",
            "web",
            null,
            objects.others(ResourceKind.SERVER_GROUP, "web")));
    assertThat(cleanUp()).singleElement().asString().contains("one, two", "nothing says which");
    assertThat(found(INSTANCE).made()).hasSize(1);
  }

  @Test
  void whatWasRefusedIsNobodysAndNoCleanUpLooksForIt() {
    fake.answer("GET " + GROUPS, groups(), groups(group("came later")));
    fake.answer("POST " + GROUPS, Reply.json(403, "{\"forbidden\": {\"message\": \"quota\"}}"));
    assertThatThrownBy(this::makeGroup).hasMessageContaining("quota");
    assertThat(found(INSTANCE).made()).isEmpty();
    assertThat(cleanUp()).isEmpty();
    assertThat(fake.received("DELETE " + GROUPS + "/came later")).isEmpty();
  }

  @Test
  void aRouterPortInDoubtIsFoundByItsMarkAndTakenOffItsRouter() {
    String key = "interface subnet";
    String port =
        """
        {"id": "p", "name": "", "network_id": "n", "mac_address": "fa:16:3e:00:00:01",
         "device_id": "r", "device_owner": "network:router_interface", "description": "%s"}\
        """
            .formatted(marks.of(key));
    fake.answer("GET " + PORTS, Reply.ok("{\"ports\": [" + port + "]}"));
    fake.answer("GET " + PORTS + "/p", Reply.ok("{\"port\": " + port + "}"));
    String removal = "PUT /network/v2.0/routers/r/remove_router_interface";
    fake.answer(removal, Reply.ok("{}"));
    journal.record(new Made(ResourceKind.ROUTER_INTERFACE, key, "at 10.0.0.1", null, List.of()));
    assertThat(cleanUp()).isEmpty();
    assertThat(fake.received(removal)).hasSize(1);
  }

  @Test
  void aProcessThatLostItsLeaseRemovesNothingMore() {
    fake.answer("GET " + GROUPS, groups());
    journal.record(new Made(ResourceKind.SERVER_GROUP, "was", "web", "ours", List.of()));
    journal.guardBy(() -> {
      throw new KedgeException(ErrorCode.BUSY, "lost");
    });
    assertThatThrownBy(this::cleanUp).hasMessageContaining("lost");
    assertThatThrownBy(() -> maker.once("a step", () -> {})).hasMessageContaining("lost");
    assertThat(fake.received("DELETE " + GROUPS + "/ours")).isEmpty();
  }
}
