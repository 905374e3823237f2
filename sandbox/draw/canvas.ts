// An in-memory image, three bytes per pixel, and the few shapes that the sandbox draws.

export interface Canvas {
  readonly width: number
  readonly height: number
  /** Red, green, blue; row by row from the top. */
  readonly pixels: Uint8Array
}

export type Colour = readonly [red: number, green: number, blue: number]

export function createCanvas(width: number, height: number): Canvas {
  return { width, height, pixels: new Uint8Array(width * height * 3) }
}

/** One colour per row, as a function of the relative height from 0 (top) to 1. */
export function fillRows(canvas: Canvas, colourAt: (down: number) => Colour): void {
  const { width, height, pixels } = canvas
  for (let y = 0; y < height; y += 1) {
    fillRow(pixels, y * width * 3, (y + 1) * width * 3, colourAt(y / (height - 1)))
  }
}

/** Writes one pixel and copies it along the row: many times faster than a loop over the row. */
function fillRow(pixels: Uint8Array, from: number, to: number, colour: Colour): void {
  if (to <= from) return
  pixels.set(colour, from)
  for (let done = from + 3; done < to;) {
    const length = Math.min(done - from, to - done)
    pixels.copyWithin(done, from, from + length)
    done += length
  }
}

/** The innermost step of every shape, written out: a loop over the three parts costs twice as much. */
export function blend(pixels: Uint8Array, at: number, colour: Colour, alpha: number): void {
  const red = pixels[at] ?? 0
  const green = pixels[at + 1] ?? 0
  const blue = pixels[at + 2] ?? 0
  pixels[at] = red + (colour[0] - red) * alpha + 0.5
  pixels[at + 1] = green + (colour[1] - green) * alpha + 0.5
  pixels[at + 2] = blue + (colour[2] - blue) * alpha + 0.5
}

/** Fills everything below a line, opaque, one colour per row; the line is antialiased. */
export function fillBelow(
  canvas: Canvas,
  lineAt: (x: number) => number,
  colourAt: (y: number) => Colour,
): void {
  const { width, height, pixels } = canvas
  const line = Float32Array.from({ length: width }, (_, x) => lineAt(x))
  const highest = Math.max(0, Math.floor(line.reduce((a, b) => Math.min(a, b))))
  const lowest = Math.ceil(line.reduce((a, b) => Math.max(a, b)))
  for (let y = highest; y < height; y += 1) {
    const colour = colourAt(y)
    if (y >= lowest) {
      fillRow(pixels, y * width * 3, (y + 1) * width * 3, colour)
      continue
    }
    for (let x = 0; x < width; x += 1) {
      const cover = y + 1 - (line[x] ?? 0)
      if (cover > 0) blend(pixels, (y * width + x) * 3, colour, Math.min(1, cover))
    }
  }
}

/** Fills a translucent band between two lines, brighter towards its upper edge. */
export function fillBand(
  canvas: Canvas,
  top: Float32Array,
  bottom: Float32Array,
  colour: Colour,
  alpha: number,
): void {
  const { width, height, pixels } = canvas
  const highest = Math.max(0, Math.floor(top.reduce((a, b) => Math.min(a, b))))
  const lowest = Math.min(height, Math.ceil(bottom.reduce((a, b) => Math.max(a, b))))
  for (let y = highest; y < lowest; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const above = y + 1 - (top[x] ?? 0)
      const below = (bottom[x] ?? 0) - y
      if (above <= 0 || below <= 0) continue
      const sheen = 0.35 + 0.65 * (below / (above + below))
      blend(pixels, (y * width + x) * 3, colour, alpha * sheen * Math.min(1, above) * Math.min(1, below))
    }
  }
}

/**
 * Fills a disc, or a ring if it has a hole; the strength depends on the distance from the centre in pixels; 0
 * or less draws nothing.
 */
function fillRadial(
  canvas: Canvas,
  [centreX, centreY]: readonly [number, number],
  { radius, hole = 0 }: { radius: number; hole?: number },
  colour: Colour,
  alphaAt: (distance: number) => number,
): void {
  const { width, height, pixels } = canvas
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
      if (alpha > 0) blend(pixels, (y * width + x) * 3, colour, alpha)
    }
  }
}

export function fillCircle(
  canvas: Canvas,
  centre: readonly [number, number],
  radius: number,
  colour: Colour,
  alpha = 1,
): void {
  fillRadial(
    canvas,
    centre,
    { radius: radius + 1 },
    colour,
    (distance) => alpha * clamp(radius + 0.5 - distance),
  )
}

export function strokeCircle(
  canvas: Canvas,
  centre: readonly [number, number],
  radius: number,
  thickness: number,
  colour: Colour,
  alpha: number,
): void {
  const half = thickness / 2
  fillRadial(
    canvas,
    centre,
    { radius: radius + half + 1, hole: Math.max(0, radius - half - 1) },
    colour,
    (distance) => alpha * clamp(half + 0.5 - Math.abs(distance - radius)),
  )
}

/** Draws a light that fades out at its radius. */
export function glow(
  canvas: Canvas,
  centre: readonly [number, number],
  radius: number,
  colour: Colour,
  alpha: number,
): void {
  fillRadial(
    canvas,
    centre,
    { radius },
    colour,
    (distance) => alpha * Math.max(0, 1 - distance / radius) ** 2,
  )
}

export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export function fillRoundedBox(
  canvas: Canvas,
  box: Box,
  radius: number,
  colour: Colour,
  alpha: number,
): void {
  const { width, height, pixels } = canvas
  const middleX = box.left + box.width / 2
  const middleY = box.top + box.height / 2
  const bottom = Math.min(height, Math.ceil(box.top + box.height))
  const right = Math.min(width, Math.ceil(box.left + box.width))
  for (let y = Math.max(0, Math.floor(box.top)); y < bottom; y += 1) {
    const outY = Math.max(0, Math.abs(y + 0.5 - middleY) - box.height / 2 + radius)
    for (let x = Math.max(0, Math.floor(box.left)); x < right; x += 1) {
      const outX = Math.max(0, Math.abs(x + 0.5 - middleX) - box.width / 2 + radius)
      const cover = clamp(radius + 0.5 - Math.sqrt(outX * outX + outY * outY))
      if (cover > 0) blend(pixels, (y * width + x) * 3, colour, alpha * cover)
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
