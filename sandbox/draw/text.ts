// Draws lines of text on a canvas: wrapped at the width, ending in dots if too long, drawn with a round pen.
import { brush, clamp } from './canvas.ts'
import type { Box, Canvas, Colour, Ink } from './canvas.ts'
import { charactersOf, glyphOf, letterGap } from './pen.ts'

/** The height of a capital in letter units. */
const capital = 7
/** The distance of baselines, in capitals. */
export const lineStep = 1.75
/** Half the pen's width, in letter units: a little heavier than book weight, to be readable on pictures. */
const penRadius = 0.5

export interface TextStyle {
  /** The height of a capital in pixels. */
  readonly size: number
  readonly colour: Colour
  readonly alpha: number
  /** Additional letter spacing, in letter units. */
  readonly spread?: number
}

export function textWidth(text: string, { size, spread = 0 }: Pick<TextStyle, 'size' | 'spread'>): number {
  return (charactersOf(text).reduce((sum, each) => sum + step(each, spread), 0) * size) / capital
}

function step(character: string, spread: number): number {
  return glyphOf(character).advance + letterGap + spread
}

/** The room for wrapped text. */
export interface Column {
  /** The height of a capital in pixels. */
  readonly size: number
  readonly width: number
  readonly linesMax: number
}

/** At most `linesMax` lines; the last one ends in dots if text is left. */
export function breakLines(
  text: string,
  { size, width, linesMax }: Column,
): { lines: string[]; whole: boolean } {
  const room = (width / size) * capital
  const lines: string[] = []
  let line: string[] = []
  let length = 0
  let breakAt = 0
  for (const character of charactersOf(text.trim())) {
    line.push(character)
    length += step(character, 0)
    if (character === ' ' || glyphOf(character).breaks) breakAt = line.length
    if (length <= room || character === ' ') continue
    // A character that allows a break is itself what does not fit; a word longer than the line is cut.
    const fits = breakAt === line.length ? line.length - 1 : breakAt
    const cut = fits > 0 ? fits : line.length - 1
    lines.push(line.slice(0, cut).join('').trimEnd())
    line = line.slice(cut)
    length = line.reduce((sum, each) => sum + step(each, 0), 0)
    breakAt = 0
    if (lines.length > linesMax) break
  }
  if (line.length > 0) lines.push(line.join('').trimEnd())
  if (lines.length <= linesMax) return { lines, whole: true }
  const kept = lines.slice(0, linesMax)
  kept[linesMax - 1] = shorten(kept[linesMax - 1] ?? '', room)
  return { lines: kept, whole: false }
}

function shorten(line: string, room: number): string {
  const characters = charactersOf(line)
  const measure = () => [...characters, '.', '.', '.'].reduce((sum, each) => sum + step(each, 0), 0)
  while (characters.length > 0 && measure() > room) characters.pop()
  return `${characters.join('').trimEnd()}...`
}

/** One line of text; `left` and `top` are the corner of its capitals. */
export interface Line {
  readonly text: string
  readonly left: number
  readonly top: number
}

/** Draws one line; a soft shadow keeps it readable on any background. */
export function drawText(canvas: Canvas, { text, left: x, top: y }: Line, style: TextStyle): void {
  const { size, colour, alpha, spread = 0 } = style
  const scale = size / capital
  const radius = Math.max(0.55, penRadius * scale)
  const margin = Math.ceil(radius + 2)
  const left = Math.floor(x) - margin
  const top = Math.floor(y - scale) - margin
  const width = Math.ceil(textWidth(text, style)) + 2 * margin + 2
  const height = Math.ceil(scale * 11) + 2 * margin
  const mask: Mask = { left, top, width, height, cover: new Uint8Array(width * height) }
  let penX = x - left
  for (const character of charactersOf(text)) {
    const { pieces } = glyphOf(character)
    for (let at = 0; at < pieces.length; at += 4) {
      const [fromX = 0, fromY = 0, toX = 0, toY = 0] = pieces.subarray(at, at + 4)
      stroke(mask, radius, [
        penX + fromX * scale,
        y - top + fromY * scale,
        penX + toX * scale,
        y - top + toY * scale,
      ])
    }
    penX += step(character, spread) * scale
  }
  const shadow = Math.max(1, Math.round(size / 14))
  const below = { ...mask, left: left + shadow, top: top + shadow }
  stamp(canvas, below, { colour: [0, 0, 0], alpha: alpha * 0.45 })
  stamp(canvas, mask, { colour, alpha })
}

/** How much of each pixel in a box is covered, from 0 to 255. */
interface Mask extends Box {
  readonly cover: Uint8Array
}

/** Draws a segment with round ends: each pixel's coverage depends on its distance from the line. */
function stroke(
  { width, height, cover }: Mask,
  radius: number,
  [fromX, fromY, toX, toY]: readonly [number, number, number, number],
): void {
  const alongX = toX - fromX
  const alongY = toY - fromY
  const lengthSquared = alongX * alongX + alongY * alongY
  const bottom = Math.min(height - 1, Math.ceil(Math.max(fromY, toY) + radius))
  const right = Math.min(width - 1, Math.ceil(Math.max(fromX, toX) + radius))
  const leftmost = Math.max(0, Math.floor(Math.min(fromX, toX) - radius - 1))
  for (let y = Math.max(0, Math.floor(Math.min(fromY, toY) - radius - 1)); y <= bottom; y += 1) {
    for (let x = leftmost; x <= right; x += 1) {
      const dx = x + 0.5 - fromX
      const dy = y + 0.5 - fromY
      const t = lengthSquared === 0 ? 0 : clamp((dx * alongX + dy * alongY) / lengthSquared)
      const distance = Math.sqrt((dx - t * alongX) ** 2 + (dy - t * alongY) ** 2)
      const value = 255 * clamp(radius + 0.5 - distance)
      const at = y * width + x
      if (value > (cover[at] ?? 0)) cover[at] = value
    }
  }
}

function stamp(canvas: Canvas, { left, top, width, height, cover }: Mask, { colour, alpha }: Ink): void {
  const blend = brush(canvas, colour)
  for (let y = Math.max(0, -top); y < height && top + y < canvas.height; y += 1) {
    for (let x = Math.max(0, -left); x < width && left + x < canvas.width; x += 1) {
      const value = cover[y * width + x] ?? 0
      if (value > 0) blend(((top + y) * canvas.width + left + x) * 3, (alpha * value) / 255)
    }
  }
}
