// The brand's colour as pages need it: what text stands on it, and which shade of it can itself be text.

/** What WCAG 2 asks for of text of the usual size. */
const contrastMin = 4.5

/** The surfaces that text of the brand stands on: the least bright of a light page, the brightest of a dark one. */
const surfaces = { light: '#f5f5f4', dark: '#1e1b19' } as const

export interface BrandColors {
  readonly accent: string
  /** Black or white: one of both has a contrast of 4.58 at least with any colour. */
  readonly text: string
  /** A shade of the accent that can be read on light pages. */
  readonly on_light: string
  readonly on_dark: string
}

export const colorsOf = (accent: string): BrandColors => ({
  accent,
  text: contrast(accent, white) >= contrast(accent, black) ? white : black,
  on_light: readable(accent, surfaces.light, black),
  on_dark: readable(accent, surfaces.dark, white),
})

const white = '#ffffff'
const black = '#000000'

/** How finely a shade is looked for. */
const steps = 64

/** The shade nearest to the accent, on its way to black or white, that can be read on the surface. */
function readable(accent: string, surface: string, towards: string): string {
  for (let step = 0; step < steps; step += 1) {
    const shade = mix(accent, towards, step / steps)
    if (contrast(shade, surface) >= contrastMin) return shade
  }
  return towards
}

function mix(from: string, to: string, share: number): string {
  const [one, other] = [channelsOf(from), channelsOf(to)]
  const mixed = one.map((channel, at) => Math.round(channel + ((other[at] ?? 0) - channel) * share))
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}

/** From 1 to 21, by WCAG 2. */
export function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channelsOf(color).map((channel) => {
    const share = channel / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Of `#rrggbb`. */
const channelsOf = (color: string): number[] =>
  [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
