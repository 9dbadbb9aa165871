/**
 * What a machine is made of: immutable, validated records and the profile enums.
 *
 * <p>This is the first room of the house. Every other package may read it; it knows none of them.
 * Nothing here changes after construction and nothing here holds simulation state. Start with
 * {@link org.tataa.config.TataaConfig}, whose presets {@code u280()} and {@code tiny()} name the
 * prototype and a machine small enough to draw on paper.
 */
@NullMarked
package org.tataa.config;

import org.jspecify.annotations.NullMarked;
