/**
 * Packing: the graphs of several items become one graph, in which their rows lie side by side, so
 * that row-wise work fills whole blocks of the array: several short items, or two long ones that
 * share the block they end in. Start with {@link org.tataa.pack.Packing}. Graphs in, a graph out:
 * nothing here knows of the machine.
 */
@NullMarked
package org.tataa.pack;

import org.jspecify.annotations.NullMarked;
