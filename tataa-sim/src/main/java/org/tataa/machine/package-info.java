/** Cores on one memory behind one interface, with a clock or without: what programs run on. */
@NullMarked
package org.tataa.machine;

import org.jspecify.annotations.NullMarked;
