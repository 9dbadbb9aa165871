/**
 * From level 3 to level 4: instructions in issue order, with physical slots, tiles and addresses.
 */
@NullMarked
package org.tataa.schedule;

import org.jspecify.annotations.NullMarked;
