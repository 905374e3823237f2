// What a chaotic Keevx has accepted: how each work ends, whatever is said of it on the way.
import { createChance } from '../../../../sandbox/draw/chance.ts'
import type { Chance } from '../../../../sandbox/draw/chance.ts'

/** `late` work ends well once nobody waits for it any more; `lost` work was accepted and is known no more. */
const fates = { succeeds: 72, fails: 10, endless: 5, lost: 5, late: 8 }
export type Fate = keyof typeof fates
/** Of work that is held until it is released. */
const heldFates = { succeeds: 50, fails: 50 }

export interface Work {
  readonly id: string
  readonly prompt: string
  readonly callbackUrl: string
  readonly fate: Fate
  readonly acceptedAt: number
  readonly endsAfterMs: number
  readonly chance: Chance
  /** Its id stood in an answer as the documents have it. */
  wasNamed: boolean
  /** A callback with its id was sent. */
  wasTold: boolean
  /** It was asked for before any callback named it: the gateway has read the answer and written the id down. */
  isKnown: boolean
  queries: number
  oddAnswers: number
  missingInRow: number
}

export type Works = ReturnType<typeof createWorks>

const endsAfterMinMs = 30
const endsAfterMaxMs = 200
const beginsAfterMs = 20

export function createWorks(seed: string, mood: string) {
  const made = new Map<string, Work>()
  let released = false
  const fateBy = (chance: Chance): Fate => {
    if (mood === 'doomed') return 'fails'
    return mood === 'held' ? draw(chance, heldFates) : draw(chance, fates)
  }
  const isHeld = (fate: Fate) => mood === 'doomed' || mood === 'held' || fate === 'late'

  return {
    accept(prompt: string, callbackUrl: string, count: number): Work[] {
      return Array.from({ length: count }, () => {
        const id = `made-${made.size + 1}`
        const chance = createChance(`${seed} ${prompt} ${id}`)
        const work: Work = {
          id,
          prompt,
          callbackUrl,
          fate: fateBy(chance),
          acceptedAt: Date.now(),
          endsAfterMs: chance.between(endsAfterMinMs, endsAfterMaxMs),
          chance,
          wasNamed: false,
          wasTold: false,
          isKnown: false,
          queries: 0,
          oddAnswers: 0,
          missingInRow: 0,
        }
        made.set(id, work)
        return work
      })
    },
    find: (id: string): Work | null => made.get(id) ?? null,
    all: (): Work[] => [...made.values()],
    /** Work of another order that the gateway certainly knows as that order's; null where there is none yet. */
    known(prompt: string, chance: Chance): Work | null {
      const [first, ...more] = [...made.values()].filter(
        (work) => work.prompt !== prompt && work.wasNamed && work.isKnown,
      )
      return first ? chance.pick([first, ...more]) : null
    },
    release(): void {
      released = true
    },
    /** Null: there is no such task. */
    statusOf({ fate, acceptedAt, endsAfterMs }: Work): string | null {
      if (fate === 'lost') return null
      const ageMs = Date.now() - acceptedAt
      if (ageMs < beginsAfterMs) return 'PENDING'
      if (ageMs < endsAfterMs || fate === 'endless' || (isHeld(fate) && !released)) return 'GENERATING'
      return fate === 'fails' ? 'FAILED' : 'SUCCEEDED'
    },
  }
}

/** One of the names, each as often as its weight says. */
export function draw<Name extends string>(chance: Chance, weights: Readonly<Record<Name, number>>): Name {
  const names = Object.keys(weights) as [Name, ...Name[]]
  let left = chance.share() * names.reduce((sum, name) => sum + weights[name], 0)
  return names.find((name) => (left -= weights[name]) < 0) ?? names[0]
}
