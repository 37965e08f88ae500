/** Error codes and units: the few things that every other module needs. */
@NullMarked
package dev.kedge.base;

import org.jspecify.annotations.NullMarked;
