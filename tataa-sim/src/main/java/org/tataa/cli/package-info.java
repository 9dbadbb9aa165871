/** The command line: parses, calls, prints; no logic of its own. The only room that prints. */
@NullMarked
package org.tataa.cli;

import org.jspecify.annotations.NullMarked;
