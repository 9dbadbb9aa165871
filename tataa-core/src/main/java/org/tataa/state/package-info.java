/**
 * Registers one after the other, as a scan chain shifts them out and in: for snapshots and for
 * comparing machines.
 */
@NullMarked
package org.tataa.state;

import org.jspecify.annotations.NullMarked;
