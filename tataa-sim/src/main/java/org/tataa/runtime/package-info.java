/** Schedules on a machine: programs one after the other, with the host's work between them. */
@NullMarked
package org.tataa.runtime;

import org.jspecify.annotations.NullMarked;
