; every form of a line
.const BASE = 0x4000 + (3 << 4) % 7 * -1
.const HALF = bf16(0.5)
        CONFIG.SCALE man=25, shift=3
        CONFIG.CONST C2, HALF
        CONFIG.CONST C3, bf16(-1.5e2)
start:  LOAD.M X, tile=0, depth=8, addr=BASE, bytes=64
        LOAD.M Y, tile=1, depth=8, addr=0x100
        LOAD.V A3, addr=0x100, bytes=16
        MATMUL x=0, y=1, depth=8, clear, drain
.repeat 3 as i
        V.MUL A3, -B4 -> B7
        V.ADD A3, C2 -> DMB
        STORE.M int8, words=8, addr=BASE + i*1024, bytes=64, transpose
.repeat 2
        V.APP A5 -> A6
.end
.end
        NOP 16
        CONFIG.CONST C0, start
        HALT
