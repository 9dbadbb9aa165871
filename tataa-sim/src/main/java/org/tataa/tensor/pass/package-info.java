/**
 * Passes over tensor programs. All but {@link org.tataa.tensor.pass.FoldRows} preserve every bit of
 * the outputs; that one changes roundings for the better, so it runs before levels are compared.
 *
 * <p>A pass knows tensor programs and lane programs, not tiles. {@code org.tataa.tensor} knows no
 * pass.
 */
@NullMarked
package org.tataa.tensor.pass;

import org.jspecify.annotations.NullMarked;
