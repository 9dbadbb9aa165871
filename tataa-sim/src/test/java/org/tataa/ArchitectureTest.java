package org.tataa;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which package may see which: imports go to the left in {@link #ROOMS} only. */
class ArchitectureTest {
  private static final String FACADE = "org.tataa";

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
          "task",
          "explore",
          "digest",
          "cli");

  /** Packages whose types may appear in signatures of the facade. */
  private static final List<String> SHOWN =
      List.of("config", "isa", "core", "memory", "observe", "sim");

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
    String[] rooms =
        Stream.concat(Stream.of(FACADE), ROOMS.stream().map(room -> FACADE + "." + room + ".."))
            .toArray(String[]::new);
    noClasses().should().resideOutsideOfPackages(rooms).check(CLASSES);
  }

  @Test
  void nothingIsBuiltOnTheFacade() {
    noClasses()
        .that()
        .resideOutsideOfPackage(FACADE)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(FACADE)
        .check(CLASSES);
  }

  @Test
  void theFacadeShowsNoInternalTypes() {
    List<String> wrong = new ArrayList<>();
    int seen = 0;
    for (JavaClass type : CLASSES.that(resideInAPackage(FACADE))) {
      if (!type.getModifiers().contains(JavaModifier.PUBLIC)) {
        continue;
      }
      List<JavaCodeUnit> members = new ArrayList<>(type.getMethods());
      members.addAll(type.getConstructors());
      for (JavaCodeUnit member : members) {
        if (!member.getModifiers().contains(JavaModifier.PUBLIC)) {
          continue;
        }
        seen++;
        Set<JavaClass> shown = new HashSet<>(member.getReturnType().getAllInvolvedRawTypes());
        for (JavaType parameter : member.getParameterTypes()) {
          shown.addAll(parameter.getAllInvolvedRawTypes());
          // What a user passes has a name: a method or an enum for a choice, a type for a map.
          JavaClass raw = parameter.toErasure();
          boolean isOverride = member.getName().equals("equals");
          if (raw.isEquivalentTo(boolean.class)
              || raw.isEquivalentTo(Map.class)
              || (raw.isEquivalentTo(Object.class) && !isOverride)) {
            wrong.add(member.getFullName() + " takes " + raw.getName());
          }
        }
        for (JavaClass found : shown) {
          String name = found.getBaseComponentType().getPackageName();
          if (!name.isEmpty()
              && !name.startsWith("java.")
              && !name.equals(FACADE)
              && !SHOWN.contains(name.substring(name.lastIndexOf('.') + 1))) {
            wrong.add(member.getFullName() + " shows " + found.getName());
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(seen).isGreaterThan(80);
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

  /** A clock that is set meanwhile makes nothing shorter or longer, and no result has a date. */
  @Test
  void timeIsMeasuredByAClockThatNobodySets() {
    noClasses()
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("java.time..")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.Date")
        .check(CLASSES);
  }
}
