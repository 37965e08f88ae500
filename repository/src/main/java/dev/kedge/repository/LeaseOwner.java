package dev.kedge.repository;

import tools.jackson.databind.node.ObjectNode;

/**
 * The process that holds a lease, so exactly that it can be told from every other one.
 *
 * @param host the host's name
 * @param bootId the kernel's id of this boot
 * @param pidNamespace the inode of the PID namespace
 * @param pid the process in that namespace
 * @param processStartTicks when it started, in clock ticks since boot: PIDs are used again
 * @param version the program and its version
 */
public record LeaseOwner(
    String host,
    String bootId,
    String pidNamespace,
    long pid,
    long processStartTicks,
    String version) {
  static LeaseOwner read(JsonFields json) {
    return new LeaseOwner(
        json.text("host"),
        json.text("bootId"),
        json.text("pidNamespace"),
        json.count("pid"),
        json.count("processStartTicks"),
        json.text("version"));
  }

  void write(ObjectNode json) {
    json.put("host", host)
        .put("bootId", bootId)
        .put("pidNamespace", pidNamespace)
        .put("pid", pid)
        .put("processStartTicks", processStartTicks)
        .put("version", version);
  }

  /** As messages name it. */
  @Override
  public String toString() {
    return "process " + pid + " on " + host;
  }
}
