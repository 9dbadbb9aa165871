package org.tataa.conformance;

import java.util.List;

/**
 * Results of all golden files of a directory.
 *
 * @param files one result per file, in the order they were checked
 */
public record ConformanceReport(List<FileResult> files) {
  /** Takes a copy of the list. */
  public ConformanceReport {
    files = List.copyOf(files);
  }

  /** Lines compared in all files. */
  public int checked() {
    return files.stream().mapToInt(FileResult::checked).sum();
  }

  /** Values that differed in all files. */
  public int mismatches() {
    return files.stream().mapToInt(FileResult::mismatches).sum();
  }

  /** Whether something was checked and nothing differed. */
  public boolean passed() {
    return checked() > 0 && mismatches() == 0;
  }
}
