/**
 * Level 2 of the compiler: a model as few machine-independent operations on whole tensors ({@link
 * org.tataa.tensor.TensorOp}), each with the rounding points of the machine.
 *
 * <p>A value is in one of three places ({@link org.tataa.tensor.Element}): the host's memory
 * (float32 and integer tensors of the graph), or the device, as bfloat16 or int8. What crosses is
 * an operation of its own, {@link org.tataa.tensor.UploadOp} and {@link
 * org.tataa.tensor.DownloadOp}, so that nothing moves unseen.
 *
 * <p>What stays on the device from run to run is a {@link org.tataa.tensor.StateOp}; between runs
 * {@link org.tataa.tensor.StateValues} holds it.
 *
 * <p>{@link org.tataa.tensor.TensorVerifier} says what is wrong with a program, {@link
 * org.tataa.tensor.TensorPrinter} shows it to a person, and {@link
 * org.tataa.tensor.TensorInterpreter} executes it without any machine, with the bits the levels
 * below give. A {@link org.tataa.tensor.TensorPass} makes a better program; those there are lie in
 * {@code org.tataa.tensor.pass}. This room knows the graph and the arithmetic, not tiles, layouts
 * or instructions.
 */
@NullMarked
package org.tataa.tensor;

import org.jspecify.annotations.NullMarked;
