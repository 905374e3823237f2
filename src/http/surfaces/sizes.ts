// Sizes in pixels, as other makers name them, and the ratio and resolution that come next to them.

interface Size {
  readonly width: number
  readonly height: number
}

/** `1024x1536`, also with `*` or `×`; null if it is no size. */
export function sizeIn(text: string): Size | null {
  const [, width, height] = /^(\d{2,5})[x*×](\d{2,5})$/i.exec(text) ?? []
  return width === undefined ? null : { width: Number(width), height: Number(height) }
}

/** The nearest by the logarithm, so that 2:1 is as far from 1:1 as 1:2 is; undefined if there is none. */
export function ratioNear({ width, height }: Size, ratios: readonly string[]): string | undefined {
  const wanted = Math.log(width / height)
  const distance = (ratio: string): number => {
    const [across = 1, down = 1] = ratio.split(':').map(Number)
    return Math.abs(Math.log(across / down) - wanted)
  }
  return ratios.toSorted((one, other) => distance(one) - distance(other))[0]
}

const imageLongMax = { '1K': 1_280, '2K': 2_560 } as const
const videoShortMax = { '720p': 720, '1080p': 1_080 } as const

/** The smallest resolution that is not below it. */
export function resolutionOf({ width, height }: Size, taskType: 'image' | 'video'): string {
  const [sides, pixels, largest] =
    taskType === 'image'
      ? [imageLongMax, Math.max(width, height), '4K']
      : [videoShortMax, Math.min(width, height), '4k']
  return Object.entries(sides).find(([, max]) => pixels <= max)?.[0] ?? largest
}
