// Blocks of code on the pages for people. A place for the reader's key is marked, so that the page's script can fill it.
import { fragment, raw } from '../html.ts'
import type { Raw } from '../html.ts'
import { sayIn } from './place.ts'
import type { Place } from './place.ts'

/** What stands in an example until the reader's key does. */
export const keyPlace = 'sk-YOUR_KEY'

export interface Sample {
  /** As a tab names it: `cURL`. */
  readonly name: string
  readonly code: string
}

/** One example in several languages. */
export function codes(place: Place, samples: readonly Sample[]): Raw {
  const label = sayIn(place)('Language of the example', '示例语言')
  return raw(
    fragment`<div class="codes" data-label="${label}">${raw(samples.map(blockOf).join(''))}</div>`,
  )
}

export const code = (name: string, text: string): Raw => raw(blockOf({ name, code: text }))

function blockOf({ name, code: text }: Sample): string {
  const marked = text.split(keyPlace).map((part) => fragment`${part}`)
  return fragment`<div class="code" data-name="${name}"><span class="label">${name}</span><pre tabindex="0"><code>${raw(marked.join(`<span class="sk">${keyPlace}</span>`))}</code></pre></div>
`
}

/** A method and its path, as a heading of what follows. */
export const verb = (method: string, path: string): Raw =>
  raw(fragment`<p class="verb"><b>${method}</b> ${path}</p>`)

export interface Section {
  readonly id: string
  readonly title: Raw
  readonly body: Raw
}

export const sectionOf = ({ id, title, body }: Section): string =>
  fragment`<section><h2 id="${id}">${title}</h2>${body}</section>
`

/** Joins what is HTML already. */
export const all = (...parts: readonly Raw[]): Raw => raw(parts.map((part) => part.raw).join(''))

/** Rows of HTML below a head. */
export function table(head: readonly Raw[], rows: readonly (readonly Raw[])[]): Raw {
  const cells = (row: readonly Raw[], tag: 'th' | 'td') =>
    row.map((cell) => `<${tag}>${cell.raw}</${tag}>`).join('')
  return raw(
    `<div class="wide" tabindex="0"><table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</tbody></table></div>`,
  )
}

/** A text that is no HTML. */
export const text = (plain: string): Raw => raw(fragment`${plain}`)
export const term = (plain: string): Raw => raw(fragment`<code>${plain}</code>`)
export const paragraph = (html: Raw): Raw => raw(`<p>${html.raw}</p>`)
