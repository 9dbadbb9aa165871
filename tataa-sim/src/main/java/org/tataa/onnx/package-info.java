/** Reads ONNX files into graphs, with limits on what a hostile file can make it allocate. */
@NullMarked
package org.tataa.onnx;

import org.jspecify.annotations.NullMarked;
