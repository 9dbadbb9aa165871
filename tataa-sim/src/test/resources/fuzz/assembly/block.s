; One int8 block on the tiny machine: 8 x 8 sums over K = 8 words, requantised to int8.
;   tataa exec docs/examples/block.s --preset tiny --x-image docs/examples/operands.bin
;   tataa debug docs/examples/block.s --preset tiny --x-image docs/examples/operands.bin
LOAD.M X, tile=0, depth=8, addr=0x0, bytes=64
LOAD.M Y, tile=0, depth=8, addr=0x100, bytes=64
CONFIG.SCALE man=1, shift=4
MATMUL x=0, y=0, depth=8, clear, drain
STORE.M int8, words=8, addr=0x200, bytes=64
HALT
