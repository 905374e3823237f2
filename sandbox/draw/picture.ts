// Paints a finished picture: a scene, the prompt written on it, and a mark that names its origin.
import { createCanvas, fillRoundedBox } from './canvas.ts'
import type { Canvas } from './canvas.ts'
import { createChance } from './chance.ts'
import { palettes } from './palettes.ts'
import { paintScene } from './scenes.ts'
import { breakLines, drawText, lineStep, textWidth } from './text.ts'

export interface Picture {
  readonly width: number
  readonly height: number
  readonly prompt: string
  /** Together with the prompt it determines the picture. */
  readonly seed: string
  /** One short line under the prompt: `image_generate · pro · 2K`. */
  readonly caption: string
}

const mark = 'SANDBOX'

export function paintPicture(picture: Picture): Canvas {
  const canvas = createCanvas(picture.width, picture.height)
  const chance = createChance(`${picture.prompt}\n${picture.seed}`)
  paintScene(canvas, chance, chance.pick(palettes))
  writePrompt(canvas, picture)
  drawMark(canvas)
  return canvas
}

/** Too small for text: only the scene, recognisably that of its picture. */
export function paintThumbnail(picture: Picture): Canvas {
  const canvas = createCanvas(picture.width, picture.height)
  const chance = createChance(`${picture.prompt}\n${picture.seed}`)
  paintScene(canvas, chance, chance.pick(palettes))
  drawMark(canvas)
  return canvas
}

/** Heights of a capital relative to the shorter side: short prompts are written large, long ones small. */
const promptSizes = [0.058, 0.05, 0.043, 0.037, 0.032, 0.027]
const linesMax = 5
const marginShare = 0.06

function writePrompt(canvas: Canvas, { prompt, caption }: Picture): void {
  const { width, height } = canvas
  const short = Math.min(width, height)
  const margin = short * marginShare
  const { size, lines } = fitPrompt(prompt, short, width - 2 * margin)
  const small = Math.max(9, short * 0.021)
  const captionTop = height - margin - small
  const promptTop = captionTop - small * 1.3 - size * (1 + lineStep * (lines.length - 1))
  darken(canvas, promptTop - short * 0.26, promptTop)
  lines.forEach((line, index) => {
    const top = promptTop + index * size * lineStep
    drawText(canvas, { text: line, left: margin, top }, { size, colour: [255, 255, 255], alpha: 1 })
  })
  const captionStyle = { size: small, colour: [255, 255, 255], alpha: 0.75, spread: 0.35 } as const
  drawText(canvas, { text: caption, left: margin, top: captionTop }, captionStyle)
}

function fitPrompt(prompt: string, short: number, room: number): { size: number; lines: string[] } {
  const sizes = promptSizes.map((share) => short * share)
  for (const size of sizes) {
    const isLast = size === sizes.at(-1)
    const { lines, whole } = breakLines(prompt, { size, width: room, linesMax: isLast ? linesMax : 3 })
    if (whole || isLast) return { size, lines }
  }
  return { size: short * 0.03, lines: [] }
}

/** White text is readable on any picture with a darkened foot. */
function darken({ width, height, pixels }: Canvas, from: number, to: number): void {
  for (let y = Math.max(0, Math.floor(from)); y < height; y += 1) {
    const strength = Math.min(1, (y - from) / (to - from))
    const keep = 1 - 0.62 * strength * strength * (3 - 2 * strength)
    for (let at = y * width * 3, end = at + width * 3; at < end; at += 1)
      pixels[at] = (pixels[at] ?? 0) * keep
  }
}

function drawMark(canvas: Canvas): void {
  const short = Math.min(canvas.width, canvas.height)
  const size = Math.max(8, short * 0.03)
  const style = { size, colour: [255, 255, 255], alpha: 1, spread: 1.1 } as const
  const margin = short * marginShare * 0.8
  const box = { left: margin, top: margin, width: textWidth(mark, style) + size * 1.7, height: size * 2.5 }
  fillRoundedBox(canvas, { ...box, cornerRadius: box.height / 2 }, { colour: [12, 14, 26], alpha: 0.66 })
  drawText(canvas, { text: mark, left: box.left + size * 1.05, top: box.top + size * 0.75 }, style)
}
