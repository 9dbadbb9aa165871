/**
 * Packing: the graphs of several short items become one graph, in which their rows lie side by
 * side, so that row-wise work fills whole blocks of the array. Start with {@link
 * org.tataa.pack.Packing}. Graphs in, a graph out: nothing here knows of the machine.
 */
@NullMarked
package org.tataa.pack;

import org.jspecify.annotations.NullMarked;
