/**
 * The instruction set: typed instructions, their 64-bit encoding, programs, and the text form
 * (isa.md).
 *
 * <p>{@link org.tataa.isa.Instruction} is what the machine executes, {@link
 * org.tataa.isa.InstructionCodec} maps it to words and back, {@link org.tataa.isa.Assembler} and
 * {@link org.tataa.isa.Disassembler} to text and back. Both maps are exact in both directions.
 */
@NullMarked
package org.tataa.isa;

import org.jspecify.annotations.NullMarked;
