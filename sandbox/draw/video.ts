// Renders a short video of one picture: a light wanders over it, a clock and a bar show the progress.
import { fillCircle, fillRoundedBox, glow } from './canvas.ts'
import type { Box, Canvas } from './canvas.ts'
import { createChance } from './chance.ts'
import { encodeChanges, encodeKeyFrame, macroblockBytes, parameterSets } from '../encode/h264.ts'
import { readMacroblock } from '../encode/macroblocks.ts'
import { muxMp4 } from '../encode/mp4.ts'
import { paintPicture } from './picture.ts'
import type { Picture } from './picture.ts'
import { drawText, textWidth } from './text.ts'

/** Smooth enough for a wandering light; each frame costs some raw blocks. */
const framesPerSecond = 10
const blockSide = 16

export function filmPicture(picture: Picture, seconds: number): Buffer {
  const still = paintPicture(picture)
  const canvas: Canvas = { ...still, pixels: still.pixels.slice() }
  const grid: Grid = {
    side: blockSide,
    columns: Math.ceil(still.width / blockSide),
    rows: Math.ceil(still.height / blockSide),
  }
  const { columns, rows } = grid
  const blocks = new Uint8Array(columns * rows * macroblockBytes)
  const block = new Uint8Array(macroblockBytes)
  const play = stage(picture, seconds)
  const frames: Buffer[] = []
  let touched: readonly Box[] = []
  for (let number = 0; number < seconds * framesPerSecond; number += 1) {
    for (const box of touched) restore(canvas, still, box)
    const drawn = play(canvas, number)
    const suspects =
      number === 0 ? [{ left: 0, top: 0, width: still.width, height: still.height }] : [...touched, ...drawn]
    const changed: number[] = []
    for (const at of blocksUnder(suspects, grid)) {
      readMacroblock(canvas, { column: at % columns, row: Math.floor(at / columns) }, block)
      const before = blocks.subarray(at * macroblockBytes, (at + 1) * macroblockBytes)
      if (Buffer.compare(before, block) === 0) continue
      before.set(block)
      changed.push(at)
    }
    frames.push(number === 0 ? encodeKeyFrame(blocks) : encodeChanges(blocks, changed, number))
    touched = drawn
  }
  const sets = parameterSets({ columns, rows, framesPerSecond })
  return muxMp4({ width: still.width, height: still.height, framesPerSecond, sets, frames })
}

/** Draws the moving parts of one frame and returns their boxes. The light is back at its start at the end. */
function stage({ width, height, seed }: Picture, seconds: number): (canvas: Canvas, frame: number) => Box[] {
  const chance = createChance(`film ${seed}`)
  const short = Math.min(width, height)
  const radius = short * 0.075
  const shift = chance.between(0, Math.PI * 2)
  const turns = chance.pick([1, 2])
  const place = (share: number) => {
    const angle = share * Math.PI * 2 + shift
    return [
      width * (0.5 + 0.36 * Math.sin(angle)),
      height * (0.37 + 0.16 * Math.sin(angle * turns + shift)),
    ] as const
  }
  return (canvas, frame) => {
    const share = frame / (seconds * framesPerSecond)
    const centre = place(share)
    glow(canvas, { centre, radius }, { colour: [255, 250, 225], alpha: 0.85 })
    fillCircle(canvas, { centre, radius: radius * 0.3 }, { colour: [255, 255, 255], alpha: 0.95 })
    const light = { left: centre[0] - radius, top: centre[1] - radius, width: radius * 2, height: radius * 2 }
    return [light, drawBar(canvas, share + 1 / (seconds * framesPerSecond)), drawTime(canvas, frame, seconds)]
  }
}

function drawBar(canvas: Canvas, share: number): Box {
  const thick = Math.max(3, Math.round(canvas.height / 110))
  const box = { left: 0, top: canvas.height - thick, width: canvas.width, height: thick, cornerRadius: 0 }
  fillRoundedBox(canvas, box, { colour: [0, 0, 0], alpha: 0.5 })
  fillRoundedBox(canvas, { ...box, width: canvas.width * share }, { colour: [255, 255, 255], alpha: 0.9 })
  return box
}

function drawTime(canvas: Canvas, frame: number, seconds: number): Box {
  const short = Math.min(canvas.width, canvas.height)
  const style = {
    size: Math.max(8, short * 0.03),
    colour: [255, 255, 255],
    alpha: 0.95,
    spread: 0.4,
  } as const
  const text = `${clock(Math.floor(frame / framesPerSecond))} / ${clock(seconds)}`
  // As wide as the widest time, so that nothing moves.
  const width = textWidth(`${clock(seconds)} / ${clock(seconds)}`, style) + style.size * 1.7
  const margin = short * 0.048
  const box = { left: canvas.width - margin - width, top: margin, width, height: style.size * 2.5 }
  fillRoundedBox(canvas, { ...box, cornerRadius: box.height / 2 }, { colour: [12, 14, 26], alpha: 0.66 })
  drawText(canvas, { text, left: box.left + style.size * 0.95, top: box.top + style.size * 0.75 }, style)
  return box
}

function clock(seconds: number): string {
  return `0:${String(seconds).padStart(2, '0')}`
}

function restore({ width, height, pixels }: Canvas, from: Canvas, box: Box): void {
  const { left, right, top, bottom } = edges(box, { side: 1, columns: width, rows: height })
  for (let y = top; y < bottom; y += 1) {
    const start = (y * width + left) * 3
    pixels.set(from.pixels.subarray(start, (y * width + right) * 3), start)
  }
}

/** A division of the frame into squares: macroblocks or pixels. */
interface Grid {
  /** Of each square, in pixels. */
  readonly side: number
  readonly columns: number
  readonly rows: number
}

function blocksUnder(boxes: readonly Box[], grid: Grid): number[] {
  const found = new Set<number>()
  for (const box of boxes) {
    const { left, right, top, bottom } = edges(box, grid)
    for (let y = top; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1) found.add(y * grid.columns + x)
    }
  }
  return [...found].toSorted((a, b) => a - b)
}

/** The grid cells that a box touches; shapes extend one pixel beyond their nominal size. */
function edges(box: Box, { side, columns, rows }: Grid) {
  return {
    left: Math.max(0, Math.floor((box.left - 2) / side)),
    right: Math.min(columns, Math.ceil((box.left + box.width + 2) / side)),
    top: Math.max(0, Math.floor((box.top - 2) / side)),
    bottom: Math.min(rows, Math.ceil((box.top + box.height + 2) / side)),
  }
}
