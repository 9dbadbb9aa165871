/**
 * Trains the two small models that come with the simulator, with PyTorch through DJL; in the build
 * with the profile {@code train} only, so that nobody who uses the simulator gets it.
 *
 * <p>{@link org.tataa.train.Train} is the command. {@link org.tataa.train.VisionNetwork} and {@link
 * org.tataa.train.TextNetwork} say what is computed, twice: as PyTorch does it and as an ONNX graph
 * ({@link org.tataa.train.OnnxFile}). {@link org.tataa.train.Parameters} holds what is learnt,
 * {@link org.tataa.train.Trainer} takes the steps. {@link org.tataa.train.BytePairs} learns a
 * vocabulary and {@link org.tataa.train.Verses} reads the text.
 */
@NullMarked
package org.tataa.train;

import org.jspecify.annotations.NullMarked;
