package org.tataa.schedule;

import org.tataa.isa.Bank;
import org.tataa.tile.Buffer;

/**
 * Where vectors are before a nest begins.
 *
 * @param sums the buffer they would be loaded from
 * @param bank the only bank they are in
 */
record SumsBank(Buffer sums, Bank bank) {}
