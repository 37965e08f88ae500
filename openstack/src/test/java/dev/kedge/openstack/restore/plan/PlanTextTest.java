package dev.kedge.openstack.restore.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PlanTextTest {
  private static final UUID POINT = UUID.fromString("5f1d8f3e-35d1-4c7c-9a45-0c6e7a9c8f11");

  private static RestorePlan plan() {
    Map<String, DiskPlan> disks = new LinkedHashMap<>();
    disks.put("vda", new DiskPlan(true, true, "boot: \"a\\b\" # no\ncomment", "gold", "az 1", 10));
    disks.put("root", new DiskPlan(false, false, "", null, null, 1));
    PortPlan port =
        new PortPlan(
            Choice.create(), "net-1", "fa:16:3e:00:00:01", List.of("10.0.0.5"), List.of("sg-1"));
    PortPlan any = new PortPlan(Choice.use("p9"), "net-1", null, List.of(), List.of());
    Map<String, PortPlan> ports = new LinkedHashMap<>();
    ports.put("p1", port);
    ports.put("p2", any);
    InstancePlan instance =
        new InstancePlan(
            POINT,
            "web: 1",
            Choice.use("007"),
            Choice.create(),
            null,
            Choice.leave(),
            Choice.create(),
            false,
            disks,
            ports);
    return new RestorePlan(
        List.of(instance),
        Map.of("sg-1", Choice.create()),
        Map.of("net-1", Choice.use("other")),
        Map.of("sub-1", Choice.leave()),
        Map.of(),
        Map.of("f1", Choice.create()));
  }

  @Test
  void aPlanReadBackIsThePlanThatWasWritten() {
    String text = PlanText.write(plan(), new Origin(List.of()));
    assertThat(PlanText.read(text, "restore.yaml")).isEqualTo(plan());
  }

  @Test
  void aMisspeltKeyIsRefusedWithTheNearestOne() {
    String text =
        PlanText.write(plan(), new Origin(List.of()))
            .replace("flavor: \"007\"", "flavour: \"007\"");
    assertThatThrownBy(() -> PlanText.read(text, "restore.yaml"))
        .isInstanceOfSatisfying(
            KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
        .hasMessageContaining("restore.yaml")
        .hasMessageContaining("did you mean")
        .hasMessageContaining("flavor");
  }

  @Test
  void neitherYesNorNoIsRefusedByName() {
    String text =
        PlanText.write(plan(), new Origin(List.of())).replace("restore: yes", "restore: maybe");
    assertThatThrownBy(() -> PlanText.read(text, "restore.yaml"))
        .hasMessageContaining("instances." + POINT + ".disks.vda.restore")
        .hasMessageContaining("yes or no");
  }

  @Test
  void aPlanWithoutInstancesIsRefused() {
    assertThatThrownBy(() -> PlanText.read("version: 1\n", "restore.yaml"))
        .hasMessageContaining("at least one restore point");
  }

  @Test
  void aPlanOfALaterVersionIsRefused() {
    assertThatThrownBy(() -> PlanText.read("version: 2\n", "restore.yaml"))
        .hasMessageContaining("version");
  }
}
