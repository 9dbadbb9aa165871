/**
 * Looking inside a run: every register by name, conditions, stepping forward and back, waveforms.
 */
@NullMarked
package org.tataa.debug;

import org.jspecify.annotations.NullMarked;
