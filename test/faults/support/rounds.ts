// How many rounds the run has, and chance that falls the same way again for the same seed.
import { createChance } from '../../../sandbox/draw/chance.ts'
import type { Chance } from '../../../sandbox/draw/chance.ts'

const seed = process.env['FAULT_SEED'] ?? 'tollgate'

/** From 1; each fault is injected once in every one of them. */
export const rounds = Array.from({ length: Number(process.env['FAULT_ROUNDS'] ?? '1') }, (_, at) => at + 1)

/** Chance of its own for each fault and round, so that leaving one out changes no other. */
export function chanceFor(fault: string, round: number): Chance {
  return createChance(`${seed} ${fault} ${round}`)
}

/** Faults that take turns, so that a run of few rounds ends soon: so many in each round, all within some. */
export function inTurns<Fault extends object>(
  faults: readonly Fault[],
  eachRound: number,
): (Fault & { readonly round: number })[] {
  return rounds.flatMap((round) => {
    const first = (round - 1) * eachRound
    const turn = [...faults, ...faults].slice(first % faults.length).slice(0, eachRound)
    return turn.map((fault) => ({ ...fault, round }))
  })
}

export function wholeBetween(chance: Chance, low: number, high: number): number {
  return Math.floor(chance.between(low, high + 1))
}
