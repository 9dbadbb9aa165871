package org.tataa.tiling;

import org.tataa.tile.Buffer;
import org.tataa.tile.Layout;

/**
 * A device value in memory.
 *
 * @param buffer where
 * @param layout how
 */
record Stored(Buffer buffer, Layout layout) {}
