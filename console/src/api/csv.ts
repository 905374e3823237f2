// Lists as comma-separated values, page after page, and texts saved as files.
import { fetchAs } from './client.ts'

const pageRows = 100
const pagesMax = 100

interface Csv {
  readonly text: string
  /** That many rows, and not all; null: it is whole. */
  readonly rowsMax: number | null
}

/** Of the answer at `url`, from its first row on. */
export async function readCsv(url: string): Promise<Csv> {
  const asked = new URL(url, location.origin)
  const has = asked.searchParams
  has.delete('cursor')
  if (has.has('limit')) has.set('limit', String(pageRows))
  let text = ''
  for (let page = 0; page < pagesMax; page++) {
    const answer = await fetchAs('text/csv', asked.href)
    const table = await answer.text()
    // Each page begins with the names of the columns.
    text += page === 0 ? table : table.slice(table.indexOf('\n') + 1)
    const next = answer.headers.get('x-next-cursor')
    if (next === null) return { text, rowsMax: null }
    has.set('cursor', next)
  }
  return { text, rowsMax: pageRows * pagesMax }
}

/** The mark in front tells spreadsheets that it is UTF-8. */
export function saveAs(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob(['\uFEFF', text], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
