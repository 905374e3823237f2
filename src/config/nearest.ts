// Finds the word that was probably meant, by edit distance.

/** More typos than a third of the letters: it is another word. */
const slipsPerLetter = 1 / 3

/** The candidate most likely meant by `word`, or null if none is close. Case does not count. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null
  let bestSlips = Infinity
  for (const candidate of candidates) {
    const slips = looksLike(word.toLowerCase(), candidate.toLowerCase())
    if (slips < bestSlips) {
      best = candidate
      bestSlips = slips
    }
  }
  return best
}

/** The distance of two words, or Infinity if one can hardly be a typo of the other. */
function looksLike(word: string, candidate: string): number {
  const longest = Math.max(word.length, candidate.length)
  const slipsMax = Math.max(1, Math.floor(longest * slipsPerLetter))
  if (Math.abs(word.length - candidate.length) <= slipsMax) {
    const slips = editDistance(word, candidate)
    if (slips <= slipsMax && slips < longest) return slips
  }
  // `model` for `model_id`: a whole word of the name counts even if many letters are missing.
  const isPart = candidate.split(/[_.-]/).includes(word) || word.split(/[_.-]/).includes(candidate)
  return isPart ? longest : Infinity
}

/** Damerau-Levenshtein: letters inserted, deleted, replaced, or swapped with their neighbour. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1]
      let slips = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      )
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (swapped) slips = Math.min(slips, at(beforeLast, column - 2) + 1)
      current.push(slips)
    }
    beforeLast = last
    last = current
  }
  return at(last, to.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity
}
