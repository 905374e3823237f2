// The pixel sizes that the sandbox draws: modest ones, in the requested ratio.

export interface Size {
  readonly width: number
  readonly height: number
}

/** The longer side. A real 4K picture takes seconds to draw and shows nothing more. */
const imageSides: Readonly<Record<string, number>> = { '1K': 1024, '2K': 1280, '4K': 1536 }
const thumbnailSide = 320

/** The longer side: all sides become multiples of 16, as H.264's macroblocks require. */
const videoSides: Readonly<Record<string, number>> = { '720p': 512, '1080p': 768, '4k': 768 }

export function imageSize(quality: string, ratio: string): Size {
  return fit(imageSides[quality] ?? 1024, ratio)
}

export function videoSize(resolution: string, ratio: string): Size {
  return fit(videoSides[resolution] ?? 512, ratio)
}

export function thumbnailSize(ratio: string): Size {
  return fit(thumbnailSide, ratio)
}

function fit(side: number, ratio: string): Size {
  const [across = 1, down = 1] = ratio.split(':').map(Number)
  const scale = side / Math.max(across, down)
  return { width: Math.round(across * scale), height: Math.round(down * scale) }
}
