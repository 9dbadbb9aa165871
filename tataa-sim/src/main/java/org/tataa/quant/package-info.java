/** Static post-training quantisation: what values reach on samples, and the steps of int8 codes. */
@NullMarked
package org.tataa.quant;

import org.jspecify.annotations.NullMarked;
