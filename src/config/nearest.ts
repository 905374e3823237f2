// Finds the word that was probably meant, by edit distance.
import editDistance from 'damerau-levenshtein'

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
    const { steps: slips } = editDistance(word, candidate)
    if (slips <= slipsMax && slips < longest) return slips
  }
  // `model` for `model_id`: a whole word of the name counts even if many letters are missing.
  const isPart = candidate.split(/[_.-]/).includes(word) || word.split(/[_.-]/).includes(candidate)
  return isPart ? longest : Infinity
}
