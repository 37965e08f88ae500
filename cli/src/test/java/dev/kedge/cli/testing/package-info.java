/**
 * The command {@code kedge} under test as its users meet it: {@link dev.kedge.cli.testing.Kedge}
 * starts it as a process, {@link dev.kedge.cli.testing.TestImage} is an image of which the test
 * knows every byte, {@link dev.kedge.cli.testing.TargetFolder} looks at what is on the backup
 * target, and {@link dev.kedge.cli.testing.Protected} ties the three: after each backup it
 * remembers what a restore has to give.
 */
@NullMarked
package dev.kedge.cli.testing;

import org.jspecify.annotations.NullMarked;
