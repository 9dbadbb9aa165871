package org.tataa.digest;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.tataa.config.TataaConfig;
import org.tataa.pipeline.Workloads;
import org.tataa.sim.HostOptions;

/**
 * A fixed, seeded set of jobs. Their digests do not depend on {@link HostOptions}, the version of
 * Java, or the vector instructions of the host; a job in continuous integration compares them.
 */
public final class DigestSuite {
  private static final int GROUPS = 4;
  private static final int TINY_SEEDS = 25;
  private static final int U280_SEEDS = 5;

  private interface Job {
    JobDigest run(String name, HostOptions host);
  }

  private static final Map<String, Job> JOBS = new LinkedHashMap<>();

  static {
    for (int i = 0; i < GROUPS; i++) {
      int tiny = i * TINY_SEEDS;
      JOBS.put(
          "random-tiny-" + i,
          (name, host) -> ProgramDigests.random(name, host, TataaConfig.tiny(), tiny, TINY_SEEDS));
    }
    for (int i = 0; i < GROUPS; i++) {
      int whole = 1000 + i * U280_SEEDS;
      JOBS.put(
          "random-u280-" + i,
          (name, host) -> ProgramDigests.random(name, host, TataaConfig.u280(), whole, U280_SEEDS));
    }
    JOBS.put("matmul", ModelDigests::matmul);
    JOBS.put("softmax", ModelDigests::softmax);
    JOBS.put("attention", ModelDigests::attention);
    JOBS.put("sentence", ModelDigests::sentence);
    JOBS.put("batch", ModelDigests::batch);
    JOBS.put("deit-tiny-2", ModelDigests::vision);
    Workloads.small()
        .forEach(
            (name, workload) ->
                JOBS.put(name, (job, host) -> ModelDigests.workload(job, host, workload.get())));
  }

  private DigestSuite() {}

  /** Names of all jobs. */
  public static List<String> names() {
    return List.copyOf(JOBS.keySet());
  }

  /**
   * Runs jobs.
   *
   * @param prefixes first letters of the names of the jobs to run; empty for all
   * @param each receives the digests of each job when it is done
   * @throws IllegalArgumentException if no job has such a name
   */
  public static void run(List<String> prefixes, HostOptions host, Consumer<JobDigest> each) {
    for (String prefix : prefixes) {
      if (JOBS.keySet().stream().noneMatch(name -> name.startsWith(prefix))) {
        throw new IllegalArgumentException("no job " + prefix + ", expected one of " + names());
      }
    }
    JOBS.forEach(
        (name, job) -> {
          if (prefixes.isEmpty() || prefixes.stream().anyMatch(name::startsWith)) {
            each.accept(job.run(name, host));
          }
        });
  }
}
