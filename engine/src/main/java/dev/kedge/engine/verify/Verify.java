package dev.kedge.engine.verify;

/** Placeholder. */
final class Verify {}
