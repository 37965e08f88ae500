package dev.kedge.qcow2;

import org.jspecify.annotations.Nullable;

/**
 * The file that shows through where an image has no cluster of its own, as the header names it.
 * Whether the name may be followed is decided by {@link BackingNames}.
 *
 * @param name the name as stored
 * @param format the stored format, for instance {@code qcow2}; null where the header has none
 */
public record BackingFile(String name, @Nullable String format) {}
