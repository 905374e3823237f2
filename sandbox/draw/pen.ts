// Converts text to strokes: letters, words of other scripts, and the points that the pen passes.
import type { Box, Point } from './canvas.ts'
import { createChance } from './chance.ts'
import type { Chance } from './chance.ts'
import { letters } from './letters.ts'

export interface Glyph {
  readonly advance: number
  /** The drawn segments: x, y of the start and the end of each, in letter units. */
  readonly pieces: Float32Array
  /** A line may be broken before and after it, as in scripts without spaces. */
  readonly breaks: boolean
}

/** Between two letters, in letter units. */
export const letterGap = 1.55

const known = new Map<string, Glyph>()
/** Beyond this number letters are drawn without being cached. */
const knownMax = 4_000

export function glyphOf(character: string): Glyph {
  const before = known.get(character)
  if (before !== undefined) return before
  const letter = letters[character]
  const glyph =
    letter === undefined
      ? { advance: blockSide, pieces: readStrokes(inventStrokes(character)), breaks: true }
      : { advance: letter[0], pieces: readStrokes(letter[1]), breaks: false }
  if (known.size < knownMax) known.set(character, glyph)
  return glyph
}

/** Characters to draw: accents are dropped, wide forms normalized, invisible characters left out. */
export function charactersOf(text: string): string[] {
  const plain = text
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/[‐-―]/g, '-')
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\u{1f3fb}-\u{1f3ff}]/gu, '')
    .normalize('NFKC')
    .replace(/[\s\p{Cc}]+/gu, ' ')
  return Array.from(plain)
}

/** Part of an ellipse, from one angle to another, in degrees clockwise from the right. */
interface Arc {
  readonly centre: Point
  readonly radii: readonly [x: number, y: number]
  readonly from: number
  readonly to: number
}

/** Segments per curve: enough for any size that is drawn. */
const piecesPerTurn = 24
const piecesPerCurve = 8

function readStrokes(strokes: string): Float32Array {
  const pieces: number[] = []
  let x = 0
  let y = 0
  let down = false
  function lineTo(toX: number, toY: number): void {
    if (down) pieces.push(x, y, toX, toY)
    x = toX
    y = toY
    down = true
  }
  function arc({ centre: [centreX, centreY], radii: [radiusX, radiusY], from, to }: Arc): void {
    const count = Math.max(2, Math.ceil((Math.abs(to - from) / 360) * piecesPerTurn))
    for (let step = 0; step <= count; step += 1) {
      const angle = ((from + ((to - from) * step) / count) * Math.PI) / 180
      lineTo(centreX + radiusX * Math.cos(angle), centreY + radiusY * Math.sin(angle))
    }
  }
  for (const [, command, numbers = ''] of strokes.matchAll(/([MLQEO])([^MLQEO]*)/g)) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = numbers.trim().split(' ').map(Number)
    if (command === 'M' || command === 'O') down = false
    if (command === 'M' || command === 'L') lineTo(a, b)
    if (command === 'O') arc({ centre: [a, b], radii: [c, d], from: 0, to: 360 })
    if (command === 'O') down = false
    if (command === 'E') arc({ centre: [a, b], radii: [c, d], from: e, to: f })
    if (command === 'Q') {
      const [fromX, fromY] = [x, y]
      for (let step = 1; step <= piecesPerCurve; step += 1) {
        const t = step / piecesPerCurve
        const [start, control, end] = [(1 - t) ** 2, 2 * t * (1 - t), t * t]
        lineTo(start * fromX + control * a + end * c, start * fromY + control * b + end * d)
      }
    }
  }
  return Float32Array.from(pieces)
}

const blockSide = 6

/**
 * Invents a glyph for a character that is not in the alphabet: always the same, composed of parts like an
 * ideograph.
 */
function inventStrokes(character: string): string {
  const chance = createChance(character)
  const layout = chance.share()
  const boxes: readonly Box[] =
    layout < 0.45
      ? [
          { left: 0, top: 0, width: 2, height: 7.2 },
          { left: 2.8, top: 0, width: 3.2, height: 7.2 },
        ]
      : layout < 0.8
        ? [
            { left: 0, top: 0, width: blockSide, height: 2.9 },
            { left: 0.4, top: 3.7, width: 5.2, height: 3.5 },
          ]
        : [{ left: 0, top: 0, width: blockSide, height: 7.2 }]
  return boxes.map((box) => part(chance, box)).join('')
}

function part(chance: Chance, { left, top, width, height }: Box): string {
  const at = (across: number, down: number) =>
    `${(left + across * width).toFixed(2)} ${(top + down * height).toFixed(2)}`
  const line = (...[fromX, fromY, toX, toY]: [number, number, number, number]) =>
    `M${at(fromX, fromY)}L${at(toX, toY)}`
  const stem = line(0.5, 0, 0.5, 1)
  return chance.pick([
    () => line(0, 0, 0, 1) + line(0, 0, 1, 0) + line(1, 0, 1, 1) + line(0, 1, 1, 1) + line(0, 0.5, 1, 0.5),
    () => stem + line(0, 0.3, 1, 0.3) + line(0, 1, 1, 1),
    () => line(0, 0.15, 1, 0.15) + line(0.1, 0.55, 0.9, 0.55) + line(0, 0.95, 1, 0.95) + stem,
    () => line(0.5, 0, 0.5, 0.35) + line(0, 0.35, 1, 0.35) + line(0.5, 0.35, 0, 1) + line(0.5, 0.4, 1, 1),
    () => line(0.3, 0, 0, 0.5) + line(0.2, 0.35, 0.2, 1) + line(0.45, 0.2, 1, 0.2) + line(0.72, 0.2, 0.72, 1),
    () =>
      line(0, 0.25, 1, 0.25) +
      line(0.3, 0, 0.3, 0.5) +
      line(0.7, 0, 0.7, 0.5) +
      line(0.5, 0.5, 0.1, 1) +
      line(0.5, 0.5, 0.9, 1),
  ])()
}
