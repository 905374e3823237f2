// A scene of square tiles: quarter discs, halves, rings and dots, as on a tiled wall.
import { brush, clamp, fillRows, mix } from './canvas.ts'
import type { Canvas, Colour } from './canvas.ts'
import type { Chance } from './chance.ts'
import type { Palette } from './palettes.ts'

/** How strongly a tile's second colour covers a point, with coordinates from 0 to 1; `soft` is one pixel. */
type Shape = (x: number, y: number, soft: number) => number

const inside = (distance: number, radius: number, soft: number) => clamp((radius - distance) / soft + 0.5)

const shapes: [Shape, ...Shape[]] = [
  (x, y, soft) => inside(Math.sqrt(x * x + y * y), 1, soft),
  (x, y, soft) => inside(Math.sqrt(x * x + y * y), 1, soft) - inside(Math.sqrt(x * x + y * y), 0.5, soft),
  (x, y, soft) => inside(Math.sqrt((x - 0.5) ** 2 + y * y), 0.5, soft),
  (x, y, soft) => inside(Math.sqrt((x - 0.5) ** 2 + (y - 0.5) ** 2), 0.36, soft),
  (x, y, soft) => clamp((1 - x - y) / soft + 0.5),
  (x, y, soft) => {
    const distance = Math.sqrt((x - 0.5) ** 2 + (y - 0.5) ** 2)
    return inside(distance, 0.42, soft) - inside(distance, 0.22, soft)
  },
  (x, y, soft) =>
    Math.max(
      inside(Math.sqrt(x * x + y * y), 0.62, soft),
      inside(Math.sqrt((1 - x) ** 2 + (1 - y) ** 2), 0.62, soft),
    ),
]

export function paintTiles(canvas: Canvas, chance: Chance, palette: Palette): void {
  const { width, height } = canvas
  const side = Math.min(width, height) / Math.round(chance.between(4, 6))
  const ground = mix(palette.sky[0], palette.layers[1], 0.4)
  fillRows(canvas, () => ground)
  const colours: [Colour, ...Colour[]] = [...palette.accents, palette.light, palette.sky[1], palette.sky[2]]
  const [startX, startY] = [((width % side) - side) / 2, ((height % side) - side) / 2]
  for (let top = startY; top < height; top += side) {
    for (let left = startX; left < width; left += side) {
      const back = chance.share() < 0.5 ? ground : mix(chance.pick(colours), ground, 0.55)
      const shape = chance.pick(shapes)
      const turns = chance.pick([0, 1, 2, 3])
      paintTile(canvas, { left, top, side }, { shape, turns, back, front: chance.pick(colours) })
    }
  }
}

interface Square {
  readonly left: number
  readonly top: number
  readonly side: number
}

interface Tile {
  readonly shape: Shape
  /** Quarter turns. */
  readonly turns: number
  readonly back: Colour
  readonly front: Colour
}

function paintTile(canvas: Canvas, { left, top, side }: Square, tile: Tile): void {
  const { width, height } = canvas
  const { shape, turns } = tile
  const [blendBack, blendFront] = [brush(canvas, tile.back), brush(canvas, tile.front)]
  for (let y = Math.max(0, Math.round(top)); y < Math.min(height, Math.round(top + side)); y += 1) {
    const down = (y + 0.5 - top) / side
    for (let x = Math.max(0, Math.round(left)); x < Math.min(width, Math.round(left + side)); x += 1) {
      const across = (x + 0.5 - left) / side
      const turnedX = turns === 0 ? across : turns === 1 ? down : turns === 2 ? 1 - across : 1 - down
      const turnedY = turns === 0 ? down : turns === 1 ? 1 - across : turns === 2 ? 1 - down : across
      const at = (y * width + x) * 3
      blendBack(at, 1)
      const cover = shape(turnedX, turnedY, 1 / side)
      if (cover > 0) blendFront(at, cover)
    }
  }
}
