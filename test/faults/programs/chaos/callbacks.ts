// Callbacks of a chaotic Keevx: early, repeated, forged, swapped, contradictory, oversized, broken, or none.
import { setTimeout } from 'node:timers/promises'
import type { Told } from '../../support/upstream.ts'
import { draw } from './works.ts'
import type { Work, Works } from './works.ts'

/** What happens when a work ends. */
const plans = {
  none: 25,
  once: 35,
  thrice: 12,
  contradicted: 10,
  forged: 6,
  swapped: 5,
  oversized: 4,
  broken: 3,
}

const oversizedBytes = 70_000
const answerMaxMs = 10_000
const atOnce = 16
/** After the end of a work, before it is told. */
const lagMs = 5

export function createCaller(works: Works, note: (told: Told) => void) {
  const post = async (kind: string, url: string, body: string): Promise<void> => {
    const headers = { 'content-type': 'application/json' }
    const signal = AbortSignal.timeout(answerMaxMs)
    const status = await fetch(url, { method: 'POST', headers, body, signal }).then(
      async (answer) => {
        await answer.arrayBuffer()
        return answer.status
      },
      () => 0,
    )
    note({ kind, status })
  }
  const right = async (work: Work, kind = 'right') => await post(kind, work.callbackUrl, bodyOf(work))

  return {
    /** Before the answer to its order is there, and before it has ended: a claim that is not true yet. */
    async early(work: Work): Promise<void> {
      work.wasTold = true
      await right(work, 'early')
    },
    async whenEnded(work: Work): Promise<void> {
      await setTimeout(work.endsAfterMs + lagMs)
      const plan = draw(work.chance, plans)
      if (plan !== 'none' && plan !== 'swapped' && plan !== 'broken') work.wasTold = true
      switch (plan) {
        case 'none':
          return
        case 'once':
          return await right(work)
        case 'thrice':
          return void (await Promise.all([right(work), right(work), right(work)]))
        case 'contradicted':
          await post('contradicting', work.callbackUrl, bodyOf(work, 'FAILED'))
          return await right(work)
        case 'forged':
          await post('forged', forged(work.callbackUrl), bodyOf(work, 'FAILED'))
          return await post('forged', swappedAttempt(work, works), bodyOf(work))
        case 'swapped': {
          const other = works.known(work.prompt, work.chance)
          if (other) await post('swapped', work.callbackUrl, bodyOf(other))
          return
        }
        case 'oversized':
          return await post('oversized', work.callbackUrl, bodyOf(work).padEnd(oversizedBytes))
        case 'broken':
          return await post('broken', work.callbackUrl, '{"code":0,"data":{"task_id"')
      }
    },
    /** Everything that could ever be told, told once more, and the contrary of it. */
    async storm(): Promise<void> {
      const waiting = works.all()
      const one = async (): Promise<void> => {
        for (let work = waiting.pop(); work; work = waiting.pop()) {
          await post('contradicting', work.callbackUrl, bodyOf(work, 'FAILED'))
          await right(work)
        }
      }
      await Promise.all(Array.from({ length: atOnce }, one))
      note({ kind: 'released', status: 0 })
    },
  }
}

function bodyOf({ id }: Work, status = 'SUCCEEDED'): string {
  const image_url = status === 'SUCCEEDED' ? `http://media.invalid/of-the-callback-${id}.png` : ''
  const data = { task_id: id, status, image_url, error_message: '' }
  return JSON.stringify({ code: 0, msg: 'ok', task_type: 'image_generate', data })
}

/** Another last character of the token. */
function forged(url: string): string {
  return `${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`
}

/** The right token of this attempt, under the id of another. */
function swappedAttempt(work: Work, works: Works): string {
  const other = works.known(work.prompt, work.chance)
  const [, attempt = ''] = /\/(att_[^/]+)\//.exec(work.callbackUrl) ?? []
  const [, another = 'att_none'] = /\/(att_[^/]+)\//.exec(other?.callbackUrl ?? '') ?? []
  return work.callbackUrl.replace(attempt, another)
}
