package org.tataa.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;

class StateOpTest {
  private final Value given = new Value("given", Element.HOST, 2, 1, 3);
  private final Value position = new Value("position", Element.HOST);
  private final Value rows = new Value("rows", Element.BF16, 2, 1, 3);

  private TensorProgram program(int capacity, int axis, Value operand, Value where) {
    Value kept = new Value("kept", Element.BF16, 2, capacity, 3);
    Value out = new Value("out", Element.HOST, 2, capacity, 3);
    return new TensorProgram(
        "state",
        List.of(
            new InputOp(given, ElementType.FLOAT),
            new InputOp(position, ElementType.INT),
            new UploadOp(given, rows),
            new StateOp(axis, operand, where, kept),
            new DownloadOp(kept, out)),
        Map.of("out", out));
  }

  private TensorProgram program(int capacity) {
    return program(capacity, 1, rows, position);
  }

  private static float[] run(TensorProgram program, int position, float first, StateValues states) {
    float[] values = {first, first + 1, first + 2, first + 3, first + 4, first + 5};
    return new TensorInterpreter(program, TataaConfig.u280(), 1)
        .run(
            Map.of(
                "given",
                NdTensor.of(values, 2, 1, 3),
                "position",
                NdTensor.of(new long[] {position})),
            states,
            (value, bits) -> {})
        .outputs()
        .get("out")
        .floats();
  }

  @Test
  void rowsStayFromRunToRun() {
    StateValues states = new StateValues();
    assertThat(run(program(2), 1, 1, states)).containsExactly(0, 0, 0, 1, 2, 3, 0, 0, 0, 4, 5, 6);
    assertThat(run(program(2), 0, 7, states))
        .containsExactly(7, 8, 9, 1, 2, 3, 10, 11, 12, 4, 5, 6);
    assertThat(states.names()).containsExactly("kept");
  }

  @Test
  void aLargerProgramGoesOn() {
    StateValues states = new StateValues();
    run(program(2), 1, 1, states);
    assertThat(run(program(3), 2, 7, states))
        .containsExactly(0, 0, 0, 1, 2, 3, 7, 8, 9, 0, 0, 0, 4, 5, 6, 10, 11, 12);
    assertThatThrownBy(() -> run(program(2), 0, 1, states))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("cannot be continued from shape [2, 3, 3]");
  }

  @Test
  void rowsBehindTheLastAreRefused() {
    assertThatThrownBy(() -> run(program(2), 2, 1, new StateValues()))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("no room for rows 2.0 to 2.0, expected less than 2");
    assertThatThrownBy(() -> run(program(2), -1, 1, new StateValues()))
        .isInstanceOf(TensorException.class);
  }

  @Test
  void theVerifierSaysWhatIsWrong() {
    assertThat(TensorVerifier.problems(program(2))).isEmpty();
    assertThat(TensorVerifier.problems(program(2, 3, rows, position)))
        .singleElement()
        .asString()
        .contains("one of its axes");
    assertThat(TensorVerifier.problems(program(2, 2, rows, position)))
        .anyMatch(problem -> problem.contains("expected rows of shape [2, 2, 3]"));
    assertThat(TensorVerifier.problems(program(2, 1, rows, given)))
        .singleElement()
        .asString()
        .contains("a position of one element");
    assertThat(TensorVerifier.problems(program(2, 1, given, position)))
        .anyMatch(problem -> problem.contains("operands of kind BF16"));
  }

  @Test
  void aProgramKnowsItsStates() {
    assertThat(program(2).states())
        .extracting(state -> state.result().name())
        .containsExactly("kept");
  }

  @Test
  void itIsPrinted() {
    assertThat(TensorPrinter.print(program(2)))
        .contains("%kept: bf16[2,2,3] = state rows %rows along axis 1 from %position");
  }
}
