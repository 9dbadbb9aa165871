; A block, then bfloat16 operations of both types: the array changes its mode three times.
;   tataa debug docs/examples/mixed.s --preset tiny --x-image docs/examples/operands.bin
LOAD.M X, tile=0, depth=8, addr=0x0, bytes=64
LOAD.M Y, tile=0, depth=8, addr=0x100, bytes=64
CONFIG.SCALE man=1, shift=4
MATMUL x=0, y=0, depth=8, clear, drain
STORE.M int8, words=8, addr=0x200, bytes=64
LOAD.V A0, addr=0x400, bytes=16
LOAD.V B0, addr=0x400, bytes=16
V.MUL A0, B0 -> A1
V.ADD A1, B0 -> B1
V.MUL A1, B1 -> DMB
STORE.V bf16, words=2, addr=0x500, bytes=16
HALT
