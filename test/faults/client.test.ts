// Clients that vanish, repeat, crowd, dawdle and talk nonsense: nothing is charged that was not acknowledged.
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/gateway.ts'
import { startLoad } from './support/clients.ts'
import { checkInvariants } from './support/invariants.ts'
import { call, operator } from './support/outside.ts'
import type { Answer } from './support/outside.ts'
import { chanceFor, rounds, wholeBetween } from './support/rounds.ts'
import { endScenesAfterwards, openScene, start, yamlWith } from './support/scene.ts'
import type { Customer, Gateway, Order, Scene } from './support/scene.ts'
import { createBytes, createHead, open, say } from './support/wire.ts'

endScenesAfterwards()

/** What a kill leaves in doubt is soon given up. */
const yaml = yamlWith({ timeoutMs: 2_000, giveUpAfterMs: 4_000 })

let scene: Scene
let gateway: Gateway
let rich: Customer
beforeAll(async () => {
  scene = await openScene({ yaml })
  gateway = await start(scene)
  rich = scene.customers[0] as Customer
})
afterAll(async () => await gateway.kill())

/** What is broken, whatever the clients did and whoever of them was told what. */
const problemsNow = async () => (await checkInvariants(scene, gateway)).problems

const credits = 15

/** Notes an order whose client knows no more than this. */
function note(prompt: string, told: Order['told'], answered?: any, customer = rich): void {
  const words = told === 'refused' ? 'never sent' : ''
  const taken = { requestId: answered?.request_id ?? null, taskIds: answered?.task_ids ?? [] }
  scene.orders.set(prompt, { customer, prompt, count: 1, creditsEach: credits, told, words, ...taken })
}

const bodyOf = (prompt: string) => ({ model_id: 'gpt-image-2', prompt, resolution: '1K' })

test.for(rounds)('round %i: who is gone before the answer has ordered once, or not at all', async (round) => {
  const chance = chanceFor('gone', round)
  const one = async (number: number): Promise<void> => {
    const isWhole = number % 2 === 0
    const prompt = `plain 1K gone ${round} ${number}`
    // Of half an order there must never be a task.
    note(prompt, isWhole ? 'unknown' : 'refused')
    const bytes = createBytes(rich.key, JSON.stringify(bodyOf(prompt)))
    const socket = await open(gateway)
    socket.write(isWhole ? bytes : bytes.slice(0, wholeBetween(chance, 1, bytes.length - 1)))
    await setTimeout(chance.between(0, 15))
    if (chance.share() < 1 / 2) socket.resetAndDestroy()
    else socket.end()
  }
  await Promise.all(Array.from({ length: 80 }, (_, number) => one(number)))
  await startAndReach(chance, 10)
  expect(await problemsNow()).toEqual([])
})

test.for(rounds)('round %i: fifty with one key order once, and a kill changes nothing', async (round) => {
  const chance = chanceFor('keys', round)
  const names = Array.from({ length: 30 }, (_, at) => `${round} ${at}`)
  const [first = ''] = names
  const waiting = await Promise.all(Array.from({ length: 50 }, () => open(gateway)))
  // The gateway takes notice of them all before the first of them says a word.
  await setTimeout(100)
  const twins = await Promise.all(waiting.map((socket) => keyed(first, socket)))
  expect(new Set(twins.map((twin) => JSON.stringify(twin))).size).toBe(1)

  const answers = new Map<string, any>([[first, twins[0]]])
  const asking = names.slice(1).map(async (name) => {
    await setTimeout(chance.between(0, 300))
    const answer = await keyed(name).catch(() => null)
    if (answer) answers.set(name, answer)
  })
  const enough = wholeBetween(chance, 3, 20)
  await until(
    () => answers.size,
    (size) => size > enough,
    keyedMaxMs,
  )
  await gateway.kill()
  await Promise.all(asking)
  const before = answers.size
  gateway = await start(scene)
  for (const name of names) {
    const [again, more] = await Promise.all([keyed(name), keyed(name)])
    expect(more).toEqual(again)
    if (answers.has(name)) expect(again, 'the key finds what was acknowledged').toEqual(answers.get(name))
    note(`plain 1K keyed ${name}`, 'acknowledged', again)
  }
  console.log(`round ${round}: ${before} of ${names.length} were answered before the kill`)
  expect(await problemsNow()).toEqual([])
})

const keyedMaxMs = 30_000

/** What a keyed create was answered; throws where it was not. */
async function keyed(name: string, socket?: Socket): Promise<any> {
  const prompt = `plain 1K keyed ${name}`
  if (!scene.orders.has(prompt)) note(prompt, 'unknown')
  const bytes = createBytes(rich.key, JSON.stringify(bodyOf(prompt)), [`Idempotency-Key: order ${name}`])
  const answer = socket ? (await say(gateway, bytes, 1, socket))[0] : await sayPatiently(bytes)
  if (answer?.json.code !== 200) throw new Error(`answered ${JSON.stringify(answer)}`)
  return answer.json.data
}

/** A gateway that a busy machine starves may turn anybody away for a while. */
async function sayPatiently(bytes: string): Promise<Answer | undefined> {
  const once = async () => (await say(gateway, bytes))[0]
  return await until(once, (answer) => answer?.status !== 503)
}

test.for(rounds)('round %i: of a hundred creates for the last 15 credits one has them', async (round) => {
  const { id: accountId } = await operator(gateway.url, '/accounts', { name: 'last', credits })
  const { key } = await operator(gateway.url, `/accounts/${accountId}/keys`, { name: 'first' })
  const last = { accountId, key, granted: credits }
  scene = { ...scene, customers: [...scene.customers, last] }
  const one = async (number: number): Promise<string> => {
    const prompt = `plain 1K last ${round} ${number}`
    const { json } = await call(`${gateway.url}/api/v1/tasks/create`, key, bodyOf(prompt))
    note(prompt, json.code === 200 ? 'acknowledged' : 'refused', json.data, last)
    return json.code === 200 ? 'taken' : json.error.type
  }
  const outcomes = await Promise.all(Array.from({ length: 100 }, (_, number) => one(number)))
  expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(1)
  expect(new Set(outcomes)).toEqual(new Set(['taken', 'insufficient_credits']))
  expect(await problemsNow()).toEqual([])
})

test.for(rounds)('round %i: dozens that dawdle hold up nobody, and order nothing', async (round) => {
  const chance = chanceFor('slow', round)
  const slow = await Promise.all(Array.from({ length: 72 }, () => open(gateway)))
  const whole = slow.map((_, number) => {
    const prompt = `plain 1K slow ${round} ${number}`
    note(prompt, 'refused')
    return createBytes(rich.key, JSON.stringify(bodyOf(prompt)))
  })
  // A third stops in the head, a third in the body, and a third goes on by a byte at a time.
  const sent = whole.map((bytes, number) => [20, bytes.length - 2, 10][number % 3] ?? 0)
  slow.forEach((socket, number) => socket.write((whole[number] ?? '').slice(0, sent[number])))
  const dripping = setInterval(() => drip(slow, whole, sent), 50)
  try {
    await startAndReach(chance, 40)
  } finally {
    clearInterval(dripping)
    for (const socket of slow) socket.destroy()
  }
  expect(await problemsNow()).toEqual([])
})

function drip(sockets: readonly Socket[], whole: readonly string[], sent: number[]): void {
  sockets.forEach((socket, number) => {
    const [bytes = '', at = 0] = [whole[number], sent[number]]
    if (number % 3 !== 2 || at >= bytes.length - 1) return
    socket.write(bytes.charAt(at))
    sent[number] = at + 1
  })
}

/** Ordinary customers are served as ever. */
async function startAndReach(
  chance: Parameters<typeof startLoad>[2]['chance'],
  count: number,
): Promise<void> {
  const load = startLoad(scene, gateway, { chance, without: ['lost'], pauseMs: 20 })
  await load.reached(count)
  await load.stop()
}

const model = '"model_id":"gpt-image-2"'
const tooMuch = 64 * 1024 + 1
const brackets = 32 * 1024

test.for(rounds)(
  'round %i: what is too much or makes no sense is refused and costs nothing',
  async (round) => {
    const odd: readonly [body: string, status: number][] = [
      [`{${model},"prompt":"odd","__proto__":{"prompt":"plain"}}`, 400],
      [`{${model},"constructor":{"prototype":{"prompt":"plain"}},"prompt":"odd"}`, 400],
      ['['.repeat(tooMuch - 1), 400],
      [`${'['.repeat(brackets)}${']'.repeat(brackets)}`, 200],
      [`{${model},"prompt":"odd","generate_count":1e400}`, 200],
      [`{${model},"prompt":"odd","generate_count":-0}`, 200],
      [`{${model},"prompt":"odd","generate_count":1.0000000000000001e1}`, 200],
      [String.raw`{${model},"prompt":"odd \ud800"}`, 200],
      [`{${model},"prompt":"odd"}{}`, 400],
      [`{${model},"prompt":"odd"`, 400],
      [`{${model},"prompt":"odd${' '.repeat(tooMuch)}"}`, 413],
    ]
    for (const [body, status] of odd) {
      const answer = await sayPatiently(createBytes(rich.key, body))
      const seen = { status: answer?.status, code: answer?.json.code, body: body.slice(0, 80) }
      expect(seen).toEqual({ status, code: 0, body: body.slice(0, 80) })
    }
    const chunk = `1000\r\n${' '.repeat(4_096)}\r\n`
    const head = createHead(rich.key, ['Transfer-Encoding: chunked'])
    expect((await sayPatiently(`${head}${chunk.repeat(17)}`))?.status).toBe(413)
    // The last of a name counts, for the price as for the work.
    const twice = `{${model},"prompt":"no","generate_count":3,"prompt":"plain 1K twice ${round}","generate_count":1}`
    const answer = await sayPatiently(createBytes(rich.key, twice))
    expect(answer?.json.data.credits).toBe(credits)
    note(`plain 1K twice ${round}`, 'acknowledged', answer?.json.data)
    expect(await problemsNow()).toEqual([])
  },
)

test.for(rounds)('round %i: of orders in one breath each is answered, in order, once', async (round) => {
  const prompts = Array.from({ length: 12 }, (_, number) => `plain 1K breath ${round} ${number}`)
  const bytes = prompts.map((prompt) => createBytes(rich.key, JSON.stringify(bodyOf(prompt))))
  const answers = await say(gateway, `${bytes.join('')}no HTTP at all\r\n\r\n`, prompts.length + 1)
  expect(answers.at(-1)?.json.code, 'the nonsense at the end takes nothing from anybody').toBe(0)
  const taken = answers.filter(({ json }) => json.code === 200)
  expect(taken.length).toBeGreaterThan(0)
  prompts.forEach((prompt, at) => {
    const data = taken[at]?.json.data
    note(prompt, data ? 'acknowledged' : 'unknown', data)
  })
  expect(await problemsNow()).toEqual([])
})
