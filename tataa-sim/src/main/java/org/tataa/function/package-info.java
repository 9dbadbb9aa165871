/**
 * Non-linear functions as straight-line programs of lane operations (functions.md): one description
 * that is evaluated in software for error tables and emitted as vector code by the kernels.
 */
@NullMarked
package org.tataa.function;

import org.jspecify.annotations.NullMarked;
