package org.tataa.model;

/** Token ids of the default sentence, as the model's WordPiece vocabulary splits it. */
final class DefaultTokens {
  static final int[] IDS = {
    101, 1037, 25353, 16033, 10415, 9140, 4800, 24759, 3111, 2235, 24028, 1010, 2059, 4332, 1996,
    2168, 3787, 2046, 8274, 1011, 2391, 10914, 2005, 1996, 3730, 17848, 1012, 102
  };

  private DefaultTokens() {}
}
