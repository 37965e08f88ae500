package dev.kedge.repository;

/**
 * An object on a target that no restore point has.
 *
 * @param name its name on the target; ends in {@code /} for a folder
 * @param what what it looks like, for people
 */
public record ForeignObject(String name, String what) {}
