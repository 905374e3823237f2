// An in-memory image, three bytes per pixel, and the few shapes that the sandbox draws.

export interface Canvas {
  readonly width: number
  readonly height: number
  /** Red, green, blue; row by row from the top. */
  readonly pixels: Uint8Array
}

export type Colour = readonly [red: number, green: number, blue: number]

/** What a shape is painted with; alpha is from 0, invisible, to 1, opaque. */
export interface Ink {
  readonly colour: Colour
  readonly alpha: number
}

export type Point = readonly [x: number, y: number]

export interface Circle {
  readonly centre: Point
  readonly radius: number
}

export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export function createCanvas(width: number, height: number): Canvas {
  return { width, height, pixels: new Uint8Array(width * height * 3) }
}

/** One colour per row, as a function of the relative height from 0 (top) to 1. */
export function fillRows(canvas: Canvas, colourAt: (down: number) => Colour): void {
  const { height } = canvas
  for (let y = 0; y < height; y += 1) fillRow(canvas, y, colourAt(y / (height - 1)))
}

/** Writes one pixel and copies it along the row: many times faster than a loop over the row. */
function fillRow({ width, pixels }: Canvas, y: number, colour: Colour): void {
  if (width === 0) return
  const from = y * width * 3
  const to = from + width * 3
  pixels.set(colour, from)
  for (let done = from + 3; done < to;) {
    const length = Math.min(done - from, to - done)
    pixels.copyWithin(done, from, from + length)
    done += length
  }
}

/** Blends its colour into the pixel that begins at an index of `pixels`. */
export type Brush = (at: number, alpha: number) => void

export function brush({ pixels }: Canvas, [red, green, blue]: Colour): Brush {
  // The innermost step of every shape, written out: a loop over the three parts costs twice as much.
  return (at, alpha) => {
    const redBefore = pixels[at] ?? 0
    const greenBefore = pixels[at + 1] ?? 0
    const blueBefore = pixels[at + 2] ?? 0
    pixels[at] = redBefore + (red - redBefore) * alpha + 0.5
    pixels[at + 1] = greenBefore + (green - greenBefore) * alpha + 0.5
    pixels[at + 2] = blueBefore + (blue - blueBefore) * alpha + 0.5
  }
}

/** Fills everything below a line, opaque, one colour per row; the line is antialiased. */
export function fillBelow(
  canvas: Canvas,
  lineAt: (x: number) => number,
  colourAt: (y: number) => Colour,
): void {
  const { width, height } = canvas
  const line = Float32Array.from({ length: width }, (_, x) => lineAt(x))
  const highest = Math.max(0, Math.floor(line.reduce((a, b) => Math.min(a, b))))
  const lowest = Math.ceil(line.reduce((a, b) => Math.max(a, b)))
  for (let y = highest; y < height; y += 1) {
    const colour = colourAt(y)
    if (y >= lowest) {
      fillRow(canvas, y, colour)
      continue
    }
    const blend = brush(canvas, colour)
    for (let x = 0; x < width; x += 1) {
      const cover = y + 1 - (line[x] ?? 0)
      if (cover > 0) blend((y * width + x) * 3, Math.min(1, cover))
    }
  }
}

/** The area between two lines, each with one height for every column of the canvas. */
export interface Band {
  readonly top: Float32Array
  readonly bottom: Float32Array
}

/** Fills a translucent band, brighter towards its upper edge. */
export function fillBand(canvas: Canvas, { top, bottom }: Band, { colour, alpha }: Ink): void {
  const { width, height } = canvas
  const blend = brush(canvas, colour)
  const highest = Math.max(0, Math.floor(top.reduce((a, b) => Math.min(a, b))))
  const lowest = Math.min(height, Math.ceil(bottom.reduce((a, b) => Math.max(a, b))))
  for (let y = highest; y < lowest; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const above = y + 1 - (top[x] ?? 0)
      const below = (bottom[x] ?? 0) - y
      if (above <= 0 || below <= 0) continue
      const sheen = 0.35 + 0.65 * (below / (above + below))
      blend((y * width + x) * 3, alpha * sheen * Math.min(1, above) * Math.min(1, below))
    }
  }
}

/** A circle without its middle. */
interface Ring extends Circle {
  /** The radius of the hole; 0 for a whole disc. */
  readonly hole: number
}

/** The alpha depends on the distance from the centre in pixels; 0 or less draws nothing. */
interface RadialInk {
  readonly colour: Colour
  readonly alphaAt: (distance: number) => number
}

function fillRing(
  canvas: Canvas,
  { centre: [centreX, centreY], radius, hole }: Ring,
  { colour, alphaAt }: RadialInk,
): void {
  const { width, height } = canvas
  const blend = brush(canvas, colour)
  const last = Math.min(height - 1, Math.ceil(centreY + radius))
  for (let y = Math.max(0, Math.floor(centreY - radius)); y <= last; y += 1) {
    const down = y + 0.5 - centreY
    const half = Math.sqrt(Math.max(0, radius * radius - down * down))
    const halfHole = Math.sqrt(Math.max(0, hole * hole - down * down))
    const right = Math.min(width - 1, Math.ceil(centreX + half))
    for (let x = Math.max(0, Math.floor(centreX - half)); x <= right; x += 1) {
      const across = x + 0.5 - centreX
      if (Math.abs(across) < halfHole) x = Math.max(x, Math.floor(centreX + halfHole - 1))
      const alpha = alphaAt(Math.sqrt(across * across + down * down))
      if (alpha > 0) blend((y * width + x) * 3, alpha)
    }
  }
}

export function fillCircle(canvas: Canvas, { centre, radius }: Circle, { colour, alpha }: Ink): void {
  const alphaAt = (distance: number) => alpha * clamp(radius + 0.5 - distance)
  fillRing(canvas, { centre, radius: radius + 1, hole: 0 }, { colour, alphaAt })
}

/** The line along a circle. */
export interface CircleLine extends Circle {
  readonly thickness: number
}

export function strokeCircle(
  canvas: Canvas,
  { centre, radius, thickness }: CircleLine,
  { colour, alpha }: Ink,
): void {
  const half = thickness / 2
  const ring = { centre, radius: radius + half + 1, hole: Math.max(0, radius - half - 1) }
  const alphaAt = (distance: number) => alpha * clamp(half + 0.5 - Math.abs(distance - radius))
  fillRing(canvas, ring, { colour, alphaAt })
}

/** Draws a light that fades out at its radius. */
export function glow(canvas: Canvas, { centre, radius }: Circle, { colour, alpha }: Ink): void {
  const alphaAt = (distance: number) => alpha * Math.max(0, 1 - distance / radius) ** 2
  fillRing(canvas, { centre, radius, hole: 0 }, { colour, alphaAt })
}

export interface RoundedBox extends Box {
  /** 0 for square corners. */
  readonly cornerRadius: number
}

export function fillRoundedBox(canvas: Canvas, box: RoundedBox, { colour, alpha }: Ink): void {
  const { width, height } = canvas
  const radius = box.cornerRadius
  const blend = brush(canvas, colour)
  const middleX = box.left + box.width / 2
  const middleY = box.top + box.height / 2
  const bottom = Math.min(height, Math.ceil(box.top + box.height))
  const right = Math.min(width, Math.ceil(box.left + box.width))
  for (let y = Math.max(0, Math.floor(box.top)); y < bottom; y += 1) {
    const outY = Math.max(0, Math.abs(y + 0.5 - middleY) - box.height / 2 + radius)
    for (let x = Math.max(0, Math.floor(box.left)); x < right; x += 1) {
      const outX = Math.max(0, Math.abs(x + 0.5 - middleX) - box.width / 2 + radius)
      const cover = clamp(radius + 0.5 - Math.sqrt(outX * outX + outY * outY))
      if (cover > 0) blend((y * width + x) * 3, alpha * cover)
    }
  }
}

export function mix(a: Colour, b: Colour, share: number): Colour {
  const at = (part: 0 | 1 | 2) => Math.round(a[part] + (b[part] - a[part]) * share)
  return [at(0), at(1), at(2)]
}

export function clamp(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value
}
