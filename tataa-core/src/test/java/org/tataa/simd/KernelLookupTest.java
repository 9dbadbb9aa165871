package org.tataa.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import org.junit.jupiter.api.Test;

class KernelLookupTest {
  @Test
  void scalarIsAlwaysThere() {
    assertThat(KernelLookup.choose("scalar")).isSameAs(HostKernels.scalar());
    assertThat(HostKernels.scalar().description()).isEqualTo("scalar");
  }

  @Test
  void theVectorApiIsTakenWhereItIsThere() {
    HostKernels vector = Implementations.named("vector");
    assertThat(vector.description()).matches("Vector API, (128|256|512) bits");
    assertThat(KernelLookup.choose("auto").description()).isEqualTo(vector.description());
  }

  @Test
  void withoutTheModuleScalarIsTakenAndVectorRefused() {
    assumeFalse(KernelLookup.available(), "the module is there");
    assertThat(KernelLookup.choose("auto")).isSameAs(HostKernels.scalar());
    assertThatThrownBy(() -> KernelLookup.choose("vector"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("--add-modules jdk.incubator.vector");
  }

  @Test
  void otherValuesAreRefused() {
    assertThatThrownBy(() -> KernelLookup.choose("fast"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("tataa.simd=fast is none of auto, scalar, vector");
  }

  @Test
  void theBestIsLookedUpOnce() {
    assertThat(HostKernels.best()).isSameAs(HostKernels.best());
  }
}
