/**
 * What may be known about a run without disturbing it: causes of lost cycles, counters, observers.
 *
 * <p>Units write into {@link org.tataa.observe.Counters} and, if somebody listens, call a {@link
 * org.tataa.observe.CoreObserver}. Nothing in here changes what the machine does next.
 */
@NullMarked
package org.tataa.observe;

import org.jspecify.annotations.NullMarked;
