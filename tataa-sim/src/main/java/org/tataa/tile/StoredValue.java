package org.tataa.tile;

import org.tataa.tensor.Value;

/**
 * Where a device value of the tensor program can be read, directly after the step that completes
 * it; later the buffer's memory may be used again.
 *
 * @param value the value
 * @param step number of the step after which it is complete
 * @param buffer where it is
 * @param layout where its elements are in it
 */
public record StoredValue(Value value, int step, Buffer buffer, Layout layout) {}
