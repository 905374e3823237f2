// Reads the fields of a form.

/** Empty for a field that is not there, and for a file. */
export function textIn(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

export const wholeOrNull = (text: string): number | null => (text.trim() === '' ? null : Number(text))

/** Parts between blanks and commas. */
export function listOrNull(text: string): string[] | null {
  const list = text.split(/[\s,]+/).filter(Boolean)
  return list.length === 0 ? null : list
}
