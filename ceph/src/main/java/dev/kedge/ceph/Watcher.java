package dev.kedge.ceph;

/** A client that has the image open for writing. */
public record Watcher(String address, long clientId, long cookie) {}
