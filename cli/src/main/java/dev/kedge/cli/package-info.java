/**
 * The command {@code kedge}. {@link dev.kedge.cli.Main} puts it together; each subcommand turns its
 * words into a request of the engine and the answer into text or JSON.
 */
@NullMarked
package dev.kedge.cli;

import org.jspecify.annotations.NullMarked;
