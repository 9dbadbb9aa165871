/** JMH benchmarks: one class per question, shapes in {@code @Param}. */
@NullMarked
package org.tataa.bench;

import org.jspecify.annotations.NullMarked;
