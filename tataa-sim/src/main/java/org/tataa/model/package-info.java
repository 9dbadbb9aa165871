/**
 * Pre-trained models: reading ONNX files and finding weights in them.
 *
 * <p>ONNX is read through the protobuf classes of an existing library; none of its types appear in
 * public signatures.
 */
@NullMarked
package org.tataa.model;

import org.jspecify.annotations.NullMarked;
