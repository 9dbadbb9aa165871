/**
 * What results are compared with: the float32 reference on EJML, error reports, and an un-clocked
 * interpreter of the instruction set.
 */
@NullMarked
package org.tataa.reference;

import org.jspecify.annotations.NullMarked;
