; One bfloat16 addition in every lane of the tiny machine; lane 1 adds 0.75 and -3.
;   tataa exec docs/examples/add.s --preset tiny --x-image docs/examples/operands.bin --engine REGISTER
LOAD.V A0, addr=0x400, bytes=16
CONFIG.CONST C0, bf16(-3)
V.ADD A0, C0 -> A1
HALT
