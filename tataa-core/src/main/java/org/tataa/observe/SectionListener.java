package org.tataa.observe;

/** Hears of the sections of a program while it runs. */
public interface SectionListener {
  /**
   * All instructions of a section have been accepted, none of the next one.
   *
   * @param section number of the section, from 0
   * @param stored sections before this number have everything they store in memory; what others
   *     store may be on its way still
   */
  void onAccepted(int section, int stored);
}
