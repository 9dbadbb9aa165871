/**
 * Non-linear functions as straight-line programs of lane operations (functions.md): one description
 * that is evaluated in software for error tables and made vector code by the compiler.
 */
@NullMarked
package org.tataa.function;

import org.jspecify.annotations.NullMarked;
