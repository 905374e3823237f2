// Chance that is the same each time for the same number: a history can be played again by its seed.

export interface Chance {
  /** From 0 up to 1. */
  share(): number
  /** A whole number from 0 up to `limit`. */
  below(limit: number): number
  oneIn(many: number): boolean
  pick<Choice>(choices: readonly Choice[]): Choice
  /** One of the choices, each as likely as its weight. */
  weigh<Choice>(choices: readonly (readonly [weight: number, choice: Choice])[]): Choice
  /** A number to begin another chance with. */
  seed(): number
}

export const seedLimit = 2 ** 32

export function chanceOf(seed: number): Chance {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b)
  // Mulberry32: tiny, and even enough to meet everything in time.
  const share = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / seedLimit
  }
  const below = (limit: number): number => Math.floor(share() * limit)
  return {
    share,
    below,
    oneIn: (many) => below(many) === 0,
    pick: (choices) => chosen(choices[below(choices.length)]),
    weigh(choices) {
      let rest = share() * choices.reduce((sum, [weight]) => sum + weight, 0)
      const found = choices.find(([weight]) => (rest -= weight) < 0)
      return chosen(found ?? choices.at(-1))[1]
    },
    seed: () => below(seedLimit),
  }
}

function chosen<Choice>(choice: Choice | undefined): Choice {
  if (choice === undefined) throw new Error('there was nothing to choose from')
  return choice
}
