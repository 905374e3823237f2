// Converts RGB to video format: brightness per pixel, colour per four pixels.
import type { Canvas } from '../draw/canvas.ts'

const side = 16
const half = side / 2

/** Counted from the top left corner of the canvas. */
export interface BlockPlace {
  readonly column: number
  readonly row: number
}

/** BT.709 in limited range, as declared in the stream: 256 bytes of brightness, 64 of blue, 64 of red. */
export function readMacroblock(
  { width, height, pixels }: Canvas,
  { column, row }: BlockPlace,
  into: Uint8Array,
): void {
  const blue = new Float32Array(half * half)
  const red = new Float32Array(half * half)
  for (let y = 0; y < side; y += 1) {
    const pixelY = Math.min(height - 1, row * side + y)
    for (let x = 0; x < side; x += 1) {
      const at = (pixelY * width + Math.min(width - 1, column * side + x)) * 3
      const [r, g, b] = [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0]
      into[y * side + x] = 16.5 + 0.18259 * r + 0.61423 * g + 0.06201 * b
      const quarter = (y >> 1) * half + (x >> 1)
      blue[quarter] = (blue[quarter] ?? 0) - 0.10064 * r - 0.33857 * g + 0.43922 * b
      red[quarter] = (red[quarter] ?? 0) + 0.43922 * r - 0.39894 * g - 0.04027 * b
    }
  }
  for (let at = 0; at < half * half; at += 1) {
    into[side * side + at] = 128.5 + (blue[at] ?? 0) / 4
    into[side * side + half * half + at] = 128.5 + (red[at] ?? 0) / 4
  }
}
