/** The one rule all units of a core share: how they are clocked. */
@NullMarked
package org.tataa.clock;

import org.jspecify.annotations.NullMarked;
