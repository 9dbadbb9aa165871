/**
 * From level 2 to level 3: layouts of values, loops over tiles, fusion of what can stay in
 * registers.
 */
@NullMarked
package org.tataa.tiling;

import org.jspecify.annotations.NullMarked;
