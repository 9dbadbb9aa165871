/**
 * Everything that stores or moves bytes: external memory, data movers, register files, dual-mode
 * buffers and the output port.
 *
 * <p>An int8 operand travels {@link org.tataa.memory.ExternalMemory} -> {@link
 * org.tataa.memory.DataMover} -> {@link org.tataa.memory.RegisterFileX} or {@link
 * org.tataa.memory.RegisterFileY} -> array -> {@link org.tataa.memory.DualModeBuffer} -> store unit
 * -> {@link org.tataa.memory.OutputPort} -> memory. A bfloat16 vector enters through the same
 * movers into {@link org.tataa.memory.RegisterFileY}; in studies a stored one does through {@link
 * org.tataa.memory.ResultPath}.
 *
 * <p>Times between units are absolute cycles at least one cycle ahead of the cycle in which they
 * are set. Nobody therefore sees a value of the cycle being evaluated, whatever the order of units.
 */
@NullMarked
package org.tataa.memory;

import org.jspecify.annotations.NullMarked;
