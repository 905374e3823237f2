// An upstream that goes wrong in every way at once, under load: the money stays right, and no order is made twice.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tollgate } from '../cli/command.ts'
import { until } from '../support/gateway.ts'
import { freePort } from '../support/port.ts'
import { startLoad } from './support/clients.ts'
import { inWords, checkInvariants } from './support/invariants.ts'
import { operator } from './support/outside.ts'
import { chanceFor, rounds } from './support/rounds.ts'
import { endScenesAfterwards, openScene, start, yamlWith } from './support/scene.ts'
import type { Gateway, Scene } from './support/scene.ts'
import type { Post } from './support/upstream.ts'

endScenesAfterwards()

const ordersMin = 80
/** As in the scene's tollgate.yaml. */
const attemptsMax = 3
/** Garbage may wait for room, so that what the gateway really holds shows: each of its threads has this much. */
const heapMaxMb = 96
/** Above what it takes when it has just started. */
const growthMaxMb = 300
const releasedMaxMs = 30_000
/** The words for a task that ran into its limit. */
const timedOut = 'The task took too long and was given up. Please try again.'

/** How each kind of callback is answered, whatever it claims. */
const answers: Readonly<Record<string, number>> = {
  right: 200,
  early: 200,
  contradicting: 200,
  swapped: 200,
  forged: 404,
  oversized: 413,
  broken: 400,
  released: 0,
}

for (const ambiguous of ['retry', 'wait'] as const) {
  test.for(rounds)(`round %i, ambiguous: ${ambiguous}: the money stays right`, async (round) => {
    const chance = chanceFor(`upstream ${ambiguous}`, round)
    const yaml = yamlWith({ timeoutMs: 600, giveUpAfterMs: 2_500, ambiguous })
    const scene = await openScene({ yaml, chaos: [String(chance.share()), ambiguous] })
    const port = String(await freePort())
    const heap = `--max-old-space-size=${heapMaxMb}`
    const env = { PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}`, NODE_OPTIONS: heap }
    const gateway = await start(scene, { env })
    const { peakMb: startedMb } = memoryOf(gateway)
    const load = startLoad(scene, gateway, { chance, pauseMs: 40 })
    await load.reached(ordersMin)
    // Chance may leave it out for a while, and it is what the rest is about.
    const named = () => scene.upstream.posts().filter(({ way }) => way === 'ok')
    const lateWorks = () =>
      named().flatMap(({ fates = [] }) => fates.filter((fate) => fate === 'late')).length
    await until(lateWorks, (count) => count > 0, releasedMaxMs)
    await load.stop()
    const first = await checkInvariants(scene, gateway)
    expect(first.problems).toEqual([])

    // Work that nobody waits for any more succeeds, and everything is told again, with its contrary.
    const late = lateWorks()
    scene.upstream.release()
    await until(
      () => scene.upstream.told().at(-1)?.kind,
      (kind) => kind === 'released',
      releasedMaxMs,
    )
    const orphans = async () => (await operator(gateway.url, '/stats')).orphans as Record<string, number>
    const recorded = await until(orphans, ({ late_success: seen = 0 }) => seen >= late, releasedMaxMs)
    const { problems, ...counts } = await checkInvariants(scene, gateway)
    expect(problems).toEqual([])

    const posts = scene.upstream.posts()
    const made = tally(posts.map(({ way = '' }) => way))
    const told = tally(scene.upstream.told().map(({ kind, status }) => `${kind} ${status}`))
    const memory = { startedMb, ...memoryOf(gateway) }
    console.log(
      `round ${round}, ${ambiguous}: ${inWords({ ...counts, endedMs: first.endedMs })}; ${JSON.stringify({ made, told, recorded, memory })}`,
    )
    expect(overdone(posts, ambiguous)).toEqual([])
    expect(unexplained(scene, posts)).toEqual([])
    const odd = scene.upstream.told().filter(({ kind, status }) => answers[kind] !== status)
    expect(odd, 'each callback has the answer of its kind').toEqual([])
    expect(memory.peakMb - startedMb).toBeLessThan(growthMaxMb)
    expect(counts.succeeded).toBeGreaterThan(0)
    expect(late, 'there was work that ended late').toBeGreaterThan(0)
    const { code, json } = await tollgate(scene.folder, ['ledger', 'verify', '--json'], { env: scene.env })
    expect({ code, json }).toMatchObject({ code: 0, json: { ok: true } })
    await gateway.kill()
    await scene.upstream.stop()
  })
}

/** Beside what the invariants say of every order: how often it was tried, and how often taken. */
function overdone(posts: readonly Post[], ambiguous: 'retry' | 'wait'): string[] {
  const prompts = [...new Set(posts.map(({ prompt }) => prompt))]
  return prompts.flatMap((prompt) => {
    const own = posts.filter((post) => post.prompt === prompt)
    const tried = own.filter(({ way }) => way !== 'limited').length
    const taken = own.filter(({ ids }) => ids.length > 0).length
    if (tried > attemptsMax) return [`${prompt} was tried ${tried} times`]
    return ambiguous === 'wait' && taken > 1 ? [`${prompt} was taken ${taken} times`] : []
  })
}

/** Tasks that ended in another way than the upstream's own record explains. */
function unexplained({ ended, orders }: Scene, posts: readonly Post[]): string[] {
  const fateOf = new Map(posts.flatMap(({ ids, fates = [] }) => ids.map((id, at) => [id, fates[at] ?? ''])))
  const promptOf = new Map(
    [...orders.values()].flatMap(({ prompt, taskIds }) => taskIds.map((id) => [id, prompt])),
  )
  return [...ended.values()].flatMap(({ shown }) => {
    const { task_id: id, task_status: status, image_url: url, error_message: reason } = JSON.parse(shown)
    if (status === 3) {
      const made = /\/(made-\d+)\.png$/.exec(url)?.[1] ?? ''
      const fate = fateOf.get(made)
      return fate === 'succeeds' ? [] : [`${id} succeeded with ${url}, whose end was to be ${fate}`]
    }
    const own = posts.filter(({ prompt }) => prompt === promptOf.get(id))
    const wasMade = own.every(
      ({ way = '', fates = [] }) => /^(ok|early)$/.test(way) && fates.every((fate) => fate === 'succeeds'),
    )
    // One that came to nothing at the door was never seen upstream.
    if (own.length === 0 || !wasMade || reason === timedOut) return []
    return [`${id} failed (${reason}), though it was made`]
  })
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

/** What the gateway holds, and the most that it ever held. */
function memoryOf({ pid }: Gateway): { nowMb: number; peakMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mbOf = (name: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024)
  return { nowMb: mbOf('VmRSS'), peakMb: mbOf('VmHWM') }
}
