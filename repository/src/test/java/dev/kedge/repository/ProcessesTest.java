package dev.kedge.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessesTest {
  @TempDir Path proc;

  @Test
  void thisProcessLivesAndOneWithItsPidAndAnotherStartDoesNot() {
    Processes processes = new Processes();
    LeaseOwner self = processes.self();
    assertThat(self.pid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(self).isEqualTo(processes.self());
    assertThat(processes.isGone(self)).isFalse();
    assertThat(processes.isGone(with(self, self.pid(), self.processStartTicks() + 1))).isTrue();
    assertThat(processes.isGone(with(self, 1L << 40, 1))).isTrue();
  }

  private static LeaseOwner with(LeaseOwner owner, long pid, long ticks) {
    return new LeaseOwner(
        owner.host(), owner.bootId(), owner.pidNamespace(), pid, ticks, owner.version());
  }

  @Test
  void nothingIsCertainAboutAnotherHostBootOrNamespace() {
    Processes processes = new Processes();
    LeaseOwner self = processes.self();
    long pid = 1L << 40;
    String namespace = self.pidNamespace();
    assertThat(processes.isGone(new LeaseOwner("x", self.bootId(), namespace, pid, 1, "")))
        .isFalse();
    assertThat(processes.isGone(new LeaseOwner(self.host(), "x", namespace, pid, 1, ""))).isFalse();
    assertThat(processes.isGone(new LeaseOwner(self.host(), self.bootId(), "x", pid, 1, "")))
        .isFalse();
  }

  @Test
  void whereOthersProcessesAreHiddenNothingIsCertain() throws IOException {
    Processes processes = fakeProc();
    LeaseOwner self = processes.self();
    assertThat(processes.isGone(with(self, 4242, 5))).isFalse();
    stat(1, "S", 1, 2);
    assertThat(processes.isGone(with(self, 4242, 5))).isTrue();
  }

  @Test
  void aZombieIsDeadUnlessOneOfItsThreadsLives() throws IOException {
    Processes processes = fakeProc();
    stat(1, "S", 1, 2);
    LeaseOwner zombie = with(processes.self(), 4242, 5);
    stat(4242, "Z", 1, 5);
    assertThat(processes.isGone(zombie)).isTrue();
    stat(4242, "Z", 2, 5);
    assertThat(processes.isGone(zombie)).isFalse();
    stat(4242, "D", 1, 5);
    assertThat(processes.isGone(zombie)).isFalse();
  }

  private Processes fakeProc() throws IOException {
    Files.createDirectories(proc.resolve("sys/kernel/random"));
    Files.createDirectories(proc.resolve("self/ns"));
    Files.writeString(proc.resolve("sys/kernel/hostname"), "here\n");
    Files.writeString(proc.resolve("sys/kernel/random/boot_id"), "boot\n");
    Files.createSymbolicLink(proc.resolve("self/ns/pid"), Path.of("pid:[1]"));
    stat(ProcessHandle.current().pid(), "R", 20, 99);
    return new Processes(proc);
  }

  private void stat(long pid, String state, int threads, long startTicks) throws IOException {
    Files.createDirectories(proc.resolve(Long.toString(pid)));
    Files.writeString(
        proc.resolve(pid + "/stat"),
        "%d (a) b) %s 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 %d 0 %d 0 0\n"
            .formatted(pid, state, threads, startTicks));
  }
}
