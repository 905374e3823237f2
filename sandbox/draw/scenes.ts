// The scenes: four kinds, each generated from a seeded random generator and a palette.
import { fillBand, fillBelow, fillCircle, fillRows, glow, mix, strokeCircle } from './canvas.ts'
import type { Canvas, Circle, Colour, Ink, Point } from './canvas.ts'
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

interface WaveSize {
  /** Of the line: its longest wave is about as long. */
  readonly width: number
  /** Of the longest wave. */
  readonly height: number
  /** The weight of the short waves. */
  readonly rough: number
}

/** A gentle line of several waves. */
function waves(chance: Chance, { width, height, rough }: WaveSize): (x: number) => number {
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
  scatterStars(canvas, chance, { colour: palette.light, alpha: 0.35 })
  const sun = [chance.between(0.2, 0.8) * width, chance.between(0.26, 0.46) * height] as const
  const radius = short * chance.between(0.07, 0.12)
  glow(canvas, { centre: sun, radius: radius * 5 }, { colour: palette.light, alpha: 0.55 })
  fillCircle(canvas, { centre: sun, radius }, { colour: palette.light, alpha: 0.96 })
  const layers = 5
  const rough = chance.between(0.35, 0.8)
  for (let layer = 0; layer < layers; layer += 1) {
    const depth = layer / (layers - 1)
    const base = height * (0.5 + 0.36 * depth)
    const line = waves(chance, {
      width,
      height: height * (0.05 + 0.02 * depth),
      rough: rough * (1 - depth * 0.5),
    })
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
  const centre = [chance.between(0.1, 0.9) * width, chance.between(0.1, 0.5) * height] as const
  glow(canvas, { centre, radius: Math.max(width, height) * 0.6 }, { colour: palette.light, alpha: 0.5 })
  const count = 7
  const lean = chance.between(-0.35, 0.35) * height
  for (let index = 0; index < count; index += 1) {
    const middle = waves(chance, { width, height: height * 0.075, rough: 0.25 })
    const swell = waves(chance, { width, height: height * 0.035, rough: 0.2 })
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
    fillBand(canvas, { top, bottom }, { colour, alpha: chance.between(0.45, 0.8) })
  }
}

function paintOrbits(canvas: Canvas, chance: Chance, palette: Palette): void {
  const { width, height } = canvas
  const short = Math.min(width, height)
  const night = mix(palette.layers[1], [0, 0, 0], 0.25)
  fillRows(canvas, (down) => mix(night, palette.sky[0], down))
  const centre = [chance.between(0.35, 0.65) * width, chance.between(0.34, 0.5) * height] as const
  glow(canvas, { centre, radius: Math.max(width, height) * 0.55 }, { colour: palette.sky[1], alpha: 0.75 })
  scatterStars(canvas, chance, { colour: palette.light, alpha: 0.85 })
  const star = short * chance.between(0.09, 0.13)
  glow(canvas, { centre, radius: star * 3.6 }, { colour: palette.light, alpha: 0.7 })
  shadeBall(canvas, { centre, radius: star }, { lit: palette.light, dark: palette.accents[0] })
  const orbits = 4
  for (let index = 0; index < orbits; index += 1) {
    const radius =
      star * 1.7 + (Math.max(width, height) * 0.46 - star) * ((index + chance.between(0.2, 0.8)) / orbits)
    const orbit = { centre, radius, thickness: Math.max(1.2, short / 420) }
    strokeCircle(canvas, orbit, { colour: palette.light, alpha: 0.35 })
    const angle = chance.between(0, Math.PI * 2)
    const size = short * chance.between(0.02, 0.065)
    const at: Point = [centre[0] + Math.cos(angle) * radius, centre[1] + Math.sin(angle) * radius]
    const colour = chance.pick<Colour>([...palette.accents])
    if (chance.share() < 0.4) {
      const ring = { centre: at, radius: size * 1.7, thickness: size * 0.28 }
      strokeCircle(canvas, ring, { colour: mix(colour, palette.light, 0.5), alpha: 0.7 })
    }
    shadeBall(canvas, { centre: at, radius: size }, { lit: colour, dark: mix(colour, night, 0.75) })
  }
}

interface Shading {
  readonly lit: Colour
  readonly dark: Colour
}

/** A disc that is lit from its upper left: ever smaller and lighter discs within the first. */
function shadeBall(canvas: Canvas, { centre: [x, y], radius }: Circle, { lit, dark }: Shading): void {
  const steps = 14
  for (let step = 0; step < steps; step += 1) {
    const part = step / steps
    const disc: Circle = {
      centre: [x - radius * 0.42 * part, y - radius * 0.42 * part],
      radius: radius * (1 - part * 0.9),
    }
    fillCircle(canvas, disc, { colour: mix(dark, lit, Math.sqrt(part)), alpha: step === 0 ? 1 : 0.55 })
  }
}

function scatterStars(canvas: Canvas, chance: Chance, { colour, alpha }: Ink): void {
  const { width, height } = canvas
  const unit = Math.min(width, height) / 700
  for (let index = 0; index < 90; index += 1) {
    const centre: Point = [chance.share() * width, chance.share() ** 1.5 * height * 0.9]
    const star = { centre, radius: unit * chance.between(0.4, 1.5) }
    fillCircle(canvas, star, { colour, alpha: alpha * chance.between(0.2, 1) })
  }
}
