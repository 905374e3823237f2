// Names of files of results in what commands say.
const shownMax = 5

/** The first of them, and how many more there are. */
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
