import { terminalChart } from 'opsin/figures'
import { describe, expect, test } from 'vitest'

const curves = {
  slow: [
    [0, 2],
    [1000, 1.5],
    [4000, 1],
  ],
  fast: [
    [0, 2],
    [1000, 0.2],
    [2000, 0],
  ],
} as const

describe('terminalChart', () => {
  test('looks like this', () => {
    expect(terminalChart(curves, { title: 'Loss', width: 40, height: 6 })).toMatchInlineSnapshot(`
      "Loss

       2.00┼──a╮
       1.60┤ ╰─╰──────────a╮
       1.20┤   ╰b╮         ╰──────────a───────────a
       0.80┤     ╰─╮
       0.40┤       ╰─╮
       0.00┤         ╰──────b───
            └─────────┴─────────┴────────┴─────────┴
            0        1k        2k       3k        4k  sequences seen
      a slow   b fast"
    `)
  })

  test('fits the width, plot and margin', () => {
    for (const width of [20, 40, 100]) {
      const lines = terminalChart(curves, { width, height: 8 }).split('\n')
      expect(Math.max(...lines.slice(0, 8).map((line) => line.length))).toBeLessThanOrEqual(width + 7)
    }
  })

  test('has colours only when asked', () => {
    expect(terminalChart(curves)).not.toContain('\x1b')
    expect(terminalChart(curves, { colors: true })).toContain('\x1b[')
  })

  test('draws single points, flat lines and nothing at all', () => {
    expect(terminalChart({ dot: [[0, 1]] })).toContain('a dot')
    expect(
      terminalChart({
        flat: [
          [0, 0],
          [10, 0],
        ],
      }),
    ).toContain('a flat')
    expect(terminalChart({ none: [] })).toBe('no points to draw')
  })

  test('labels keep their width, however large the numbers', () => {
    const points = [
      [0, 1e308],
      [10, 1.5],
    ] as const
    expect(terminalChart({ diverged: points }, { width: 20, height: 5 })).toMatchInlineSnapshot(`
      "1e308┼──╮
      8e307┤  ╰────╮
      5e307┤       ╰───╮
      3e307┤           ╰──a─╮
       0.00┤                ╰──
            └────┴────┴───┴────┴
            0    3    5   8   10  sequences seen
      a diverged"
    `)
  })

  test('a curve that goes back is none', () => {
    const back = { back: [...curves.slow].reverse() }
    expect(() => terminalChart(back)).toThrow(
      /back, point 1: expected points in the order .* at 4000 or later, got 1000/,
    )
  })
})
