/**
 * From a graph to instruction streams.
 *
 * <pre>
 *  graph --Fusion--> transformer operators --Planner--> steps --CodeGenerator--> programs + memory
 * </pre>
 *
 * <p>The planner finds token matrices behind the graph's values ({@link org.tataa.compiler.Views}),
 * fuses element-wise work into lane programs ({@link org.tataa.compiler.Expr}) and lists what the
 * machine does ({@link org.tataa.compiler.Step}); the code generator quantises, places data and
 * writes instructions.
 */
@NullMarked
package org.tataa.compiler;

import org.jspecify.annotations.NullMarked;
