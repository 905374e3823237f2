// What a size in pixels means here: an aspect ratio and a resolution.
import { refused } from '../../../catalog/refusal.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

/** Null for `auto`, and if none is given. Throws invalid_request. */
export function readSize(size: string | undefined): Size | null {
  if (size === undefined || size === 'auto' || size === '') return null
  const [, width, height] = /^(\d{1,5})[x*×](\d{1,5})$/i.exec(size.trim()) ?? []
  if (Number(width) > 0 && Number(height) > 0) return { width: Number(width), height: Number(height) }
  throw refused(
    'size',
    `must be "auto", or width and height in pixels such as 1024x1024, not ${JSON.stringify(size.slice(0, 40).toWellFormed())}`,
    '必须是 “auto”,或以像素表示的宽和高,例如 1024x1024',
  )
}

/** The ratio nearest to the size, as a factor: 2:1 is as far from 1:1 as 1:2. Null if no ratio is known. */
export function nearestRatio({ width, height }: Size, ratios: readonly string[]): string | null {
  const wanted = Math.log(width / height)
  let nearest: { readonly ratio: string; readonly distance: number } | null = null
  for (const ratio of ratios) {
    const [, across, down] = /^(\d+):(\d+)$/.exec(ratio) ?? []
    const distance = Math.abs(wanted - Math.log(Number(across) / Number(down)))
    if (distance < (nearest?.distance ?? Infinity)) nearest = { ratio, distance }
  }
  return nearest?.ratio ?? null
}

const sidesOfImages = [
  { max: 1_280, resolution: '1K' },
  { max: 2_560, resolution: '2K' },
]

/** By the long side. */
export const imageResolution = ({ width, height }: Size): string =>
  sidesOfImages.find(({ max }) => Math.max(width, height) <= max)?.resolution ?? '4K'

const sidesOfVideos = [
  { max: 720, resolution: '720p' },
  { max: 1_080, resolution: '1080p' },
]

/** By the short side. */
export const videoResolution = ({ width, height }: Size): string =>
  sidesOfVideos.find(({ max }) => Math.min(width, height) <= max)?.resolution ?? '4k'

export const videoRatio = ({ width, height }: Size): string => (width >= height ? '16:9' : '9:16')

const shortSides: Readonly<Record<string, number>> = { '720p': 720, '1080p': 1_080, '4k': 2_160 }

/** `1280x720`; null for values that are not known here. */
export function videoSize(aspectRatio: string | undefined, resolution: string | undefined): string | null {
  const short = shortSides[(resolution ?? '').toLowerCase()]
  const long = short && Math.round((short * 16) / 9)
  if (!short || !long) return null
  if (aspectRatio === '16:9') return `${long}x${short}`
  return aspectRatio === '9:16' ? `${short}x${long}` : null
}
