// The style sheet of the short documentation, with the brand's colour.
import type { Brand } from '../../config/brand.ts'
import { colorsOf } from '../brand/colors.ts'

export function docsStyle({ color }: Brand): string {
  if (color === null) return plainStyle
  const { on_light: onLight, on_dark: onDark } = colorsOf(color)
  return `${plainStyle}a { color: light-dark(${onLight}, ${onDark}); }
`
}

const plainStyle = `:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { margin: 0; font: 16px/1.6 system-ui, sans-serif; }
main { max-width: 52rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 2rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; overflow-x: auto; font-size: .875rem; }
code { font-family: ui-monospace, monospace; font-size: .9em; }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
th, td { text-align: left; padding: .5rem .75rem; border-bottom: 1px solid var(--line); }
header, footer, .notice { max-width: 52rem; margin: 0 auto; padding: 1rem; }
header { display: flex; align-items: center; gap: 1rem; flex-wrap: wrap; } footer { color: #767676; }
.notice { border: 1px solid var(--line); border-radius: 8px; } .critical { border-width: 3px; font-weight: 600; }
`
