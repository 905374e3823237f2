// Formats lists of result file names for messages.
const shownMax = 5

/** The first few names, and how many more there are. */
export function namesInWords({
  count,
  names,
}: {
  readonly count: number
  readonly names: readonly string[]
}): string {
  const shown = names.slice(0, shownMax)
  return `${shown.join(', ')}${count > shown.length ? ` and ${count - shown.length} more` : ''}`
}
