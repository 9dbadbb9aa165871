/**
 * Rewrites imported graphs so that they consist of transformer operators: Linear, normalisations,
 * GELU, SiLU and so on, however they were spelled.
 */
@NullMarked
package org.tataa.fusion;

import org.jspecify.annotations.NullMarked;
