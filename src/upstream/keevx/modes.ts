// What Keevx's documents allow for each operation and model: the rules for accepting or refusing orders.
import type { Mode, Shape } from '../adapter.ts'
import { isOperation } from './operations.ts'
import type { Operation } from './operations.ts'

// "image API": docs.keevx.com, POST /v1/image_generate. "video API": POST /v1/image_to_video.
// "video skill": the page of the keevx-image-to-video skill. Where they differ, the API's page wins.

const noImages = { min: 0, max: 0 }
const oneImage = { min: 1, max: 1 }

/** Image API: std and pro differ in nothing but `module`. */
const image: Mode = {
  taskType: 'image',
  // Image API, generate_count: 1 <= x <= 8.
  countMax: 8,
  // Image API, image_ratio.
  aspectRatios: ['1:1', '3:2', '2:3', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'],
  // Image API, image_quality.
  resolutions: ['1K', '2K', '4K'],
  // Image API, the defaults of image_ratio and image_quality.
  defaults: { aspectRatio: '9:16', resolution: '2K' },
  // Image API, reference_images: optional, at most 5; Keevx would silently drop more.
  shapes: [{ name: 'references', images: { min: 0, max: 5 }, endImage: false, durations: [], audio: false }],
}

// Video API, duration: "Model V: 4, 6, 8 (single)". 8 comes first because every shape of V accepts it.
const secondsOfV = [8, 4, 6]

/** Video API: "three image input modes", and image_url is not required, so that text alone will do. */
const shapesOfV: readonly Shape[] = [
  { name: 'text', images: noImages, endImage: false, durations: secondsOfV, audio: true },
  // Video API, image_url: "required for Model V when using the Start-Frame mode".
  { name: 'start_frame', images: oneImage, endImage: false, durations: secondsOfV, audio: true },
  // Video API, end_image_url: "supports end frame upload", beside a start frame.
  { name: 'start_and_end_frame', images: oneImage, endImage: true, durations: secondsOfV, audio: true },
  // Video API: "Multi-Image Mode (Max 3 images)", "multi-image: fixed at 8s".
  { name: 'references', images: { min: 2, max: 3 }, endImage: false, durations: [8], audio: true },
]

/** What the three video models share. */
const video = {
  taskType: 'video',
  // Video API, generate_count: 1-4.
  countMax: 4,
  // Video API, aspect_ratio.
  aspectRatios: ['16:9', '9:16'],
  // Keevx has no defaults here, both fields are required; these are the first of each list.
  defaults: { aspectRatio: '16:9', resolution: '720p' },
} as const

const videoModels: ReadonlyMap<string, Mode> = new Map<string, Mode>([
  // Video API, aspect_resolution of V.
  ['V', { ...video, resolutions: ['720p', '1080p', '4k'], shapes: shapesOfV }],
  [
    'KL',
    {
      ...video,
      // Video API, aspect_resolution of KL.
      resolutions: ['720p', '1080p'],
      shapes: [
        // Video API: reference_images required, image_url not used, duration 5 or 10, audio only for V.
        // Video skill: at most 7 images; the API's page names no number.
        { name: 'references', images: { min: 1, max: 7 }, endImage: false, durations: [5, 10], audio: false },
      ],
    },
  ],
  [
    'S',
    {
      ...video,
      // Video API, aspect_resolution of S: "720p (fixed)".
      resolutions: ['720p'],
      shapes: [
        // Video API: image_url required, reference_images not used, duration 4, 8 or 12, audio only for V.
        { name: 'start_frame', images: oneImage, endImage: false, durations: [4, 8, 12], audio: false },
      ],
    },
  ],
])

const imageModules: ReadonlySet<string> = new Set(['std', 'pro'])

type Params = Readonly<Record<string, string>>

const modes: Readonly<Record<Operation, (params: Params) => Mode | null>> = {
  image_generate: (params) => (imageModules.has(only(params, 'module')) ? image : null),
  image_to_video: (params) => videoModels.get(only(params, 'model')) ?? null,
}

/** The mode of a route, or null if Keevx has no such operation or parameters. */
export function keevxMode(operation: string, params: Params): Mode | null {
  return isOperation(operation) ? modes[operation](params) : null
}

/** For a route of the catalogue: the mode, or that there is none, in words for the operator. */
export function keevxModes(upstream: string, operation: string, params: Params): readonly Mode[] | string {
  const mode = keevxMode(operation, params)
  if (mode) return [mode]
  const given = Object.entries(params).map(([name, value]) => `${name}: ${value}`)
  return `the upstream ${upstream} has no ${operation} with { ${given.join(', ')} }`
}

/** The value of the only allowed parameter; empty, which matches nothing, if there are others. */
function only(params: Params, name: string): string {
  return Object.keys(params).every((key) => key === name) ? (params[name] ?? '') : ''
}
