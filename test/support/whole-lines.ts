// Reads lines while somebody still writes them: the last one may be half of one.

/** Only lines that have ended, without the empty ones. */
export function wholeLines(text: string): string[] {
  return text.split('\n').slice(0, -1).filter(Boolean)
}
