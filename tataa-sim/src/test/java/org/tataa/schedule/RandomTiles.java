package org.tataa.schedule;

import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.tensor.SmallTensorPrograms;
import org.tataa.tiling.Tiling;

/** Random programs as tiles of a machine, every fourth in the published instruction set. */
final class RandomTiles {
  private RandomTiles() {}

  static Tiling.Result of(TataaConfig machine, long seed) {
    IsaProfile isa = seed % 4 == 3 ? IsaProfile.PUBLISHED : IsaProfile.EXTENDED;
    TataaConfig config = machine.withProfiles(machine.profiles().withIsa(isa));
    return Tiling.tile(config, SmallTensorPrograms.of(seed, isa).program());
  }
}
