// The scenes: four kinds, each generated from a seeded random generator and a palette.
import { fillBand, fillBelow, fillCircle, fillRows, glow, mix, strokeCircle } from './canvas.ts'
import type { Canvas, Colour } from './canvas.ts'
import type { Chance } from './chance.ts'
import type { Palette } from './palettes.ts'
import { paintTiles } from './tiles.ts'

type Scene = (canvas: Canvas, chance: Chance, palette: Palette) => void

export function paintScene(canvas: Canvas, chance: Chance, palette: Palette): void {
  chance.pick<Scene>([paintHills, paintRibbons, paintOrbits, paintTiles])(canvas, chance, palette)
}

function fillSky(canvas: Canvas, { sky }: Palette, bend: number): void {
  const [top, middle, bottom] = sky
  fillRows(canvas, (down) =>
    down < bend ? mix(top, middle, down / bend) : mix(middle, bottom, (down - bend) / (1 - bend)),
  )
}

/** A gentle line of several waves; `rough` is the weight of the short ones. */
function waves(chance: Chance, width: number, height: number, rough: number): (x: number) => number {
  const parts = Array.from({ length: 5 }, (_, index) => ({
    pace: ((index + 1) * chance.between(0.7, 1.5) * Math.PI * 2) / width,
    shift: chance.between(0, Math.PI * 2),
    size: (height * (index === 0 ? 1 : rough)) / (index + 1),
  }))
  return (x) => parts.reduce((sum, { pace, shift, size }) => sum + Math.sin(x * pace + shift) * size, 0)
}

function paintHills(canvas: Canvas, chance: Chance, palette: Palette): void {
  const { width, height } = canvas
  const short = Math.min(width, height)
  fillSky(canvas, palette, 0.3)
  scatterStars(canvas, chance, palette.light, 0.35)
  const sun = [chance.between(0.2, 0.8) * width, chance.between(0.26, 0.46) * height] as const
  const radius = short * chance.between(0.07, 0.12)
  glow(canvas, sun, radius * 5, palette.light, 0.55)
  fillCircle(canvas, sun, radius, palette.light, 0.96)
  const layers = 5
  const rough = chance.between(0.35, 0.8)
  for (let layer = 0; layer < layers; layer += 1) {
    const depth = layer / (layers - 1)
    const base = height * (0.5 + 0.36 * depth)
    const line = waves(chance, width, height * (0.05 + 0.02 * depth), rough * (1 - depth * 0.5))
    const colour = mix(palette.layers[0], palette.layers[1], depth)
    // The foot of each range is in the mist of the one before it.
    const mist = mix(colour, palette.sky[2], 0.45 * (1 - depth))
    const foot = height * 0.24
    fillBelow(
      canvas,
      (x) => base + line(x),
      (y) => mix(colour, mist, Math.min(1, Math.max(0, (y - base) / foot))),
    )
  }
}

function paintRibbons(canvas: Canvas, chance: Chance, palette: Palette): void {
  const { width, height } = canvas
  fillSky(canvas, palette, chance.between(0.4, 0.7))
  glow(
    canvas,
    [chance.between(0.1, 0.9) * width, chance.between(0.1, 0.5) * height],
    Math.max(width, height) * 0.6,
    palette.light,
    0.5,
  )
  const count = 7
  const lean = chance.between(-0.35, 0.35) * height
  for (let index = 0; index < count; index += 1) {
    const middle = waves(chance, width, height * 0.075, 0.25)
    const swell = waves(chance, width, height * 0.035, 0.2)
    const base = height * (0.12 + (0.86 * index) / count)
    const half = height * chance.between(0.05, 0.11)
    const slope = (x: number) => lean * (x / width - 0.5)
    const top = Float32Array.from(
      { length: width },
      (_, x) => base + slope(x) + middle(x) - half - Math.abs(swell(x)),
    )
    const bottom = Float32Array.from(
      { length: width },
      (_, x) => base + slope(x) + middle(x) + half + Math.abs(swell(x)),
    )
    const colour = chance.pick<Colour>([...palette.accents, palette.light, palette.layers[0]])
    fillBand(canvas, top, bottom, colour, chance.between(0.45, 0.8))
  }
}

function paintOrbits(canvas: Canvas, chance: Chance, palette: Palette): void {
  const { width, height } = canvas
  const short = Math.min(width, height)
  const night = mix(palette.layers[1], [0, 0, 0], 0.25)
  fillRows(canvas, (down) => mix(night, palette.sky[0], down))
  const centre = [chance.between(0.35, 0.65) * width, chance.between(0.34, 0.5) * height] as const
  glow(canvas, centre, Math.max(width, height) * 0.55, palette.sky[1], 0.75)
  scatterStars(canvas, chance, palette.light, 0.85)
  const star = short * chance.between(0.09, 0.13)
  glow(canvas, centre, star * 3.6, palette.light, 0.7)
  shadeBall(canvas, centre, star, palette.light, palette.accents[0])
  const orbits = 4
  for (let index = 0; index < orbits; index += 1) {
    const radius =
      star * 1.7 + (Math.max(width, height) * 0.46 - star) * ((index + chance.between(0.2, 0.8)) / orbits)
    strokeCircle(canvas, centre, radius, Math.max(1.2, short / 420), palette.light, 0.35)
    const angle = chance.between(0, Math.PI * 2)
    const planet = short * chance.between(0.02, 0.065)
    const at = [centre[0] + Math.cos(angle) * radius, centre[1] + Math.sin(angle) * radius] as const
    const colour = chance.pick<Colour>([...palette.accents])
    if (chance.share() < 0.4)
      strokeCircle(canvas, at, planet * 1.7, planet * 0.28, mix(colour, palette.light, 0.5), 0.7)
    shadeBall(canvas, at, planet, colour, mix(colour, night, 0.75))
  }
}

/** A disc that is lit from its upper left: ever smaller and lighter discs within the first. */
function shadeBall(
  canvas: Canvas,
  [x, y]: readonly [number, number],
  radius: number,
  lit: Colour,
  dark: Colour,
): void {
  const steps = 14
  for (let step = 0; step < steps; step += 1) {
    const part = step / steps
    const at = [x - radius * 0.42 * part, y - radius * 0.42 * part] as const
    fillCircle(canvas, at, radius * (1 - part * 0.9), mix(dark, lit, Math.sqrt(part)), step === 0 ? 1 : 0.55)
  }
}

function scatterStars(canvas: Canvas, chance: Chance, colour: Colour, alpha: number): void {
  const { width, height } = canvas
  const unit = Math.min(width, height) / 700
  for (let index = 0; index < 90; index += 1) {
    const at = [chance.share() * width, chance.share() ** 1.5 * height * 0.9] as const
    fillCircle(canvas, at, unit * chance.between(0.4, 1.5), colour, alpha * chance.between(0.2, 1))
  }
}
