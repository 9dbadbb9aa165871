package org.tataa;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which package may see which: imports go to the left in {@link #ROOMS} only. */
class ArchitectureTest {
  private static final List<String> ROOMS =
      List.of(
          "config",
          "clock",
          "state",
          "numeric",
          "simd",
          "isa",
          "observe",
          "array",
          "memory",
          "control",
          "forward",
          "core",
          "sim",
          "debug",
          "reference",
          "machine",
          "conformance",
          "function",
          "graph",
          "onnx",
          "fusion",
          "pack",
          "quant",
          "tensor",
          "lower",
          "tile",
          "tiling",
          "schedule",
          "compiler",
          "pipeline",
          "digest",
          "cli");

  private static final String INCUBATOR = "jdk.incubator..";

  // Module jdk.management: the options of the running JVM.
  private static final String JVM_OPTIONS = "com.sun.management..";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.tataa");

  @Test
  void importsGoToTheLeftOnly() {
    for (int room = 0; room < ROOMS.size(); room++) {
      for (int later = room + 1; later < ROOMS.size(); later++) {
        noClasses()
            .that()
            .resideInAPackage("org.tataa." + ROOMS.get(room) + "..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.tataa." + ROOMS.get(later) + "..")
            .check(CLASSES);
      }
    }
  }

  @Test
  void tensorProgramsKnowNoPass() {
    noClasses()
        .that()
        .resideInAPackage("org.tataa.tensor")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.tataa.tensor.pass")
        .check(CLASSES);
  }

  @Test
  void everyPackageHasARoom() {
    String[] rooms = ROOMS.stream().map(room -> "org.tataa." + room + "..").toArray(String[]::new);
    noClasses().should().resideOutsideOfPackages(rooms).check(CLASSES);
  }

  @Test
  void theCoreDependsOnNothingButJava() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "org.tataa.config..",
            "org.tataa.clock..",
            "org.tataa.numeric..",
            "org.tataa.simd..",
            "org.tataa.isa..",
            "org.tataa.observe..",
            "org.tataa.array..",
            "org.tataa.memory..",
            "org.tataa.control..",
            "org.tataa.forward..",
            "org.tataa.core..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages("java..", "org.tataa..", "org.jspecify..", INCUBATOR, JVM_OPTIONS)
        .check(CLASSES);
  }

  @Test
  void onlyTheVectorKernelsUseTheIncubator() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.tataa.simd.vector..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(INCUBATOR)
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("org.tataa.simd.vector..")
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandLinePrints() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.tataa.cli..")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CLASSES);
  }
}
