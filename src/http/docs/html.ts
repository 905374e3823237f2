// HTML put together from parts: what is not marked as made here is escaped.

export interface Raw {
  readonly raw: string
}

/** Marks HTML made here, which is not escaped. */
export const raw = (html: string): Raw => ({ raw: html })

export function fragment(strings: TemplateStringsArray, ...values: (string | Raw)[]): string {
  return strings.reduce((html, string, at) => html + shown(values[at - 1]) + string)
}

function shown(value: string | Raw | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? escapeHtml(value) : value.raw
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)
}
