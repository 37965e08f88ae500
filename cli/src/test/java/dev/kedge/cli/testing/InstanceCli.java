package dev.kedge.cli.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** {@code kedge instance} on the lab's OpenStack, with one target and one kedge.yaml. */
public final class InstanceCli {
  private final Kedge kedge;
  private final Path config;
  private final Path target;

  /** Commands with that kedge.yaml, which is written to a file, and that target. */
  public InstanceCli(Kedge kedge, Path config, String yaml, Path target) {
    this.kedge = kedge;
    this.config = config;
    this.target = target;
    try {
      Files.writeString(config, yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The target. */
  public Path target() {
    return target;
  }

  /** Starts one as a user of the lab: {@code kedge-demo}. */
  public Running start(String cloud, String... words) {
    return start(kedge, cloud, words);
  }

  /** Starts one that a signal reaches although this process ignores it. */
  public Running startWithSignals(String cloud, String... words) {
    return start(kedge.behind("env", "--default-signal=INT,TERM"), cloud, words);
  }

  private Running start(Kedge launcher, String cloud, String... words) {
    return as(cloud, launcher).start(line(words));
  }

  private Kedge as(String cloud, Kedge launcher) {
    return launcher.with(Map.of("OS_CLOUD", cloud, "KEDGE_CONFIG", config.toString()));
  }

  private String[] line(String... words) {
    List<String> all = new ArrayList<>(List.of("instance"));
    all.addAll(Arrays.asList(words));
    all.addAll(List.of("--target", target.toString(), "--output", "json"));
    return all.toArray(String[]::new);
  }

  /** Runs one as the tenant. */
  public Outcome run(String... words) {
    return runAs("kedge-demo", words);
  }

  /** Runs one as a user of the lab. */
  public Outcome runAs(String cloud, String... words) {
    return as(cloud, kedge).run(line(words));
  }

  /** Every restore point of the target is sound. */
  public void isSound() {
    kedge.run("verify", "--all", "--target", target.toString()).exits(0);
  }

  /** A restore point of an image as a raw file, which is made. */
  public void restore(String point, Path raw) {
    kedge.run("restore", point, "--target", target.toString(), "--to", raw.toString()).exits(0);
  }
}
