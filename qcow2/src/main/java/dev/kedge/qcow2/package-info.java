/** QCOW2 version 3: streaming writer, reader, chains. */
@NullMarked
package dev.kedge.qcow2;

import org.jspecify.annotations.NullMarked;
