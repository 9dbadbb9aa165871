/**
 * From level 1 to level 2: every operator of a graph as operations of a tensor program, one small
 * class per family of operators, with the quantisation of products.
 */
@NullMarked
package org.tataa.lower;

import org.jspecify.annotations.NullMarked;
