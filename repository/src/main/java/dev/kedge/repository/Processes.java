package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Who this process is, and whether another one is gone for certain; from proc(5). Thread-safe.
 *
 * <p>"Gone for certain" needs the same boot of the same host and the same PID namespace, and a
 * /proc that shows other users' processes: with hidepid a living process looks like a missing one.
 */
public class Processes {
  private final Path proc;

  /** The processes of this machine. */
  public Processes() {
    this(Path.of("/proc"));
  }

  Processes(Path proc) {
    this.proc = proc;
  }

  /** This process. */
  public LeaseOwner self() {
    try {
      long pid = ProcessHandle.current().pid();
      return new LeaseOwner(
          read("sys/kernel/hostname"),
          read("sys/kernel/random/boot_id"),
          Files.readSymbolicLink(proc.resolve("self/ns/pid")).toString(),
          pid,
          ProcessStat.parse(read(pid + "/stat")).startTicks(),
          Manifest.WRITER);
    } catch (IOException e) {
      throw new KedgeException(
          ErrorCode.FAILED, "Cannot read about this process in " + proc + ": is it mounted?", e);
    }
  }

  /** Whether it is certain that the owner no longer runs. */
  public boolean isGone(LeaseOwner owner) {
    LeaseOwner self = self();
    if (!owner.host().equals(self.host())
        || !owner.bootId().equals(self.bootId())
        || !owner.pidNamespace().equals(self.pidNamespace())) {
      return false;
    }
    try {
      read("1/stat");
    } catch (IOException e) {
      return false;
    }
    return isGone(owner.pid(), owner.processStartTicks());
  }

  private boolean isGone(long pid, long startTicks) {
    try {
      ProcessStat stat = ProcessStat.parse(read(pid + "/stat"));
      return stat.startTicks() != startTicks || stat.isDead();
    } catch (NoSuchFileException e) {
      return true;
    } catch (IOException e) {
      // ESRCH: it went while we read; the next look will say so.
      return false;
    }
  }

  private String read(String name) throws IOException {
    return Files.readString(proc.resolve(name)).strip();
  }

  /** What /proc/PID/stat says that matters here. */
  private record ProcessStat(char state, long threads, long startTicks) {
    /** The second field, the command, may hold anything; the last ')' ends it. */
    static ProcessStat parse(String stat) throws IOException {
      String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
      if (fields.length < 20) {
        throw new IOException("Unexpected /proc/PID/stat: " + stat);
      }
      return new ProcessStat(
          fields[0].charAt(0), Long.parseLong(fields[17]), Long.parseLong(fields[19]));
    }

    /** A zombie that nobody has waited for is dead, unless another of its threads still runs. */
    boolean isDead() {
      return state == 'X' || (state == 'Z' && threads <= 1);
    }
  }
}
