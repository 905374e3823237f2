// The brand's colour on the pages for people: what the console's script sets there stands here as CSS.
import type { Brand } from '../../../config/brand.ts'
import { colorsOf } from '../../brand/colors.ts'

export function brandStyle({ color }: Brand): string {
  if (color === null) return ''
  const { accent, text, on_light: onLight, on_dark: onDark } = colorsOf(color)
  return `:root[lang]{--accent:${accent};--accent-ink:${text};--accent-text:${onLight}}
:root[data-theme=dark][lang]{--accent-text:${onDark}}
`
}
