// A Keevx that goes wrong in every way it can, by its seed and mood; what it accepts and answers it writes down first.
import { once } from 'node:events'
import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createNetServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { createChance } from '../../../sandbox/draw/chance.ts'
import type { Post } from '../support/upstream.ts'
import type { Chance } from '../../../sandbox/draw/chance.ts'
import { isSpoilt, spoil } from './chaos/answers.ts'
import { createCaller } from './chaos/callbacks.ts'
import { createWorks, draw } from './chaos/works.ts'
import type { Work } from './chaos/works.ts'

const [logFile = '', seed = '', mood = ''] = process.argv.slice(2)
/** Its work is held until it is released; in these moods little else goes wrong. */
const holds = mood === 'doomed' || mood === 'held'
const log = openSync(logFile, 'a')
const toldLog = openSync(`${logFile}.told`, 'a')
const works = createWorks(seed, mood)
const caller = createCaller(works, (told) => void writeSync(toldLog, `${JSON.stringify(told)}\n`))

/** How orders are answered; of the last line nothing is accepted, and of the spoilt answers half. */
const submitWays = {
  ok: 44,
  early: 8,
  fewer: 3,
  more: 3,
  twice: 3,
  anothers: 2,
  silence: 3,
  cut: 5,
  cutBody: 2,
  html500: 3,
  html502: 2,
  slowHeaders: 2,
  slowBody: 2,
  huge: 4,
  bomb: 2,
  deep: 2,
  garbage: 4,
  noHttp: 2,
  limited: 3,
  refused: 2,
  again: 3,
}
const heldWays = { ok: 90, early: 10 }
const doomedWays = { ok: 80, early: 5, silence: 6, cutBody: 5, fewer: 4 }
const pollWays = {
  honest: 62,
  limited: 1,
  missing: 5,
  word: 5,
  another: 3,
  noUrl: 3,
  crowd: 2,
  silence: 1,
  cut: 3,
  cutBody: 2,
  html500: 3,
  html502: 2,
  slowHeaders: 0.5,
  slowBody: 0.5,
  huge: 2,
  bomb: 1,
  deep: 1,
  garbage: 3,
  noHttp: 1,
}
const doors = { open: 93, unread: 2, reset: 3, halfClosed: 2 }

/** Of so many orders some come into a storm, one after the other. */
const weatherEvery = 50
const storms = { huge: [6, 18], limited: [20, 28], html500: [40, 46] } as const
const oddAnswersMax = 8
const missingInRowMax = 2
const unreadMs = 3_000
/** Between an early callback and the answer that it was early for. */
const earlyMs = 60

type Way = keyof typeof submitWays

let orders = 0

async function submit(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const order = JSON.parse(await text(request)) as Record<'prompt' | 'callback_url', string> & {
    generate_count: number
  }
  const { prompt, callback_url: callbackUrl, generate_count: count } = order
  orders += 1
  const chance = createChance(`${seed} order ${orders}`)
  const way = wayOf(chance)
  const accepts = !isSpoilt(way) || chance.share() < 1 / 2
  const accepted = accepts ? works.accept(prompt, callbackUrl, acceptedOf(way, count)) : []
  const post = { prompt, ids: accepted.map(({ id }) => id), mayComeAgain: mayComeAgain(way), way }
  writeSync(log, `${JSON.stringify({ ...post, fates: accepted.map(({ fate }) => fate) } satisfies Post)}\n`)
  if (!holds) for (const work of accepted) void caller.whenEnded(work)

  if (isSpoilt(way)) return await spoil(way, response, chance)
  if (way === 'limited') return limited(response, chance.pick([{}, { 'retry-after': '0' }]))
  if (way === 'refused') return reply(response, 400, { code: 100001, msg: 'refused' })
  if (way === 'again') return reply(response, 200, { code: 530003, msg: 'retry the request' })
  if (way === 'early') {
    await Promise.all(accepted.map(caller.early))
    await setTimeout(earlyMs)
  }
  const other = way === 'anothers' ? works.known(prompt, chance) : null
  const named = other ? [other] : way === 'twice' ? accepted.slice(0, 1).concat(accepted) : accepted
  reply(response, 200, { code: 0, msg: 'ok', data: { task_ids: named.map(({ id }) => id) } })
  for (const work of accepted) work.wasNamed = way === 'ok'
}

function wayOf(chance: Chance): Way {
  if (holds) return draw(chance, mood === 'held' ? heldWays : doomedWays)
  return storm(orders % weatherEvery) ?? draw(chance, submitWays)
}

function storm(at: number): Way | null {
  const [way] = Object.entries(storms).find(([, [from, to]]) => at >= from && at < to) ?? []
  return (way as Way | undefined) ?? null
}

function acceptedOf(way: Way, count: number): number {
  switch (way) {
    case 'limited':
    case 'refused':
    case 'again':
    case 'anothers':
      return 0
    case 'more':
      return count + 1
    case 'fewer':
      return count - 1
    case 'twice':
      return Math.max(1, count - 1)
    default:
      return count
  }
}

/** 429 and 530003 say that nothing was taken; the others are documented retries, unless we are told to wait. */
function mayComeAgain(way: Way): boolean {
  if (way === 'limited' || way === 'again') return true
  return mood === 'retry' && (way === 'cut' || way === 'html500' || way === 'html502')
}

async function query(id: string, response: ServerResponse): Promise<void> {
  const work = works.find(id)
  if (!work) return missing(response)
  const way = oddWay(work)
  work.queries += 1
  if (!work.wasTold) work.isKnown = true
  work.missingInRow = way === 'missing' ? work.missingInRow + 1 : 0
  if (way !== 'honest') work.oddAnswers += 1
  if (isSpoilt(way)) return await spoil(way, response, work.chance)
  const status = works.statusOf(work)
  if (way === 'limited') return limited(response, {})
  if (way === 'missing' || status === null) return missing(response)
  const honest = taskOf(work, status)
  switch (way) {
    case 'honest':
      return answer(response, honest)
    case 'word':
      return answer(response, {
        ...honest,
        status: work.chance.pick(['QUEUED', 'succeeded', 'ARCHIVED', '']),
      })
    case 'another':
      return answer(response, { ...honest, task_id: 'made-by-somebody-else', status: 'FAILED' })
    case 'noUrl':
      return answer(response, { ...honest, status: 'SUCCEEDED', image_url: '' })
    case 'crowd':
      return answer(response, [honest, honest])
  }
}

/** Odd, but not for ever, and not so often "no such task" that this would have to be believed. */
function oddWay(work: Work): keyof typeof pollWays {
  const way = draw(work.chance, pollWays)
  if (holds || work.oddAnswers >= oddAnswersMax) return 'honest'
  return way === 'missing' && work.missingInRow >= missingInRowMax ? 'honest' : way
}

function taskOf({ id }: Work, status: string) {
  const image_url = status === 'SUCCEEDED' ? `http://media.invalid/${id}.png` : ''
  const error_message = status === 'FAILED' ? 'it was made to fail' : ''
  return { task_id: id, status, image_url, error_message }
}

const answer = (response: ServerResponse, data: unknown) => reply(response, 200, { code: 0, msg: 'ok', data })
const missing = (response: ServerResponse) => reply(response, 200, { code: 110002, msg: 'no such task' })
const limited = (response: ServerResponse, headers: Record<string, string>) =>
  void response.writeHead(429, headers).end('slow down')

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const server = createServer((request, response) => {
  const id = request.url?.split('/').at(-1) ?? ''
  const done = request.method === 'POST' ? submit(request, response) : query(id, response)
  done.catch(() => response.destroy())
})

/** Some connections come to nothing before a word of HTTP is read. */
let connections = 0
async function welcome(socket: Socket): Promise<void> {
  connections += 1
  const chance = createChance(`${seed} connection ${connections}`)
  switch (holds ? 'open' : draw(chance, doors)) {
    case 'open':
      return void server.emit('connection', socket)
    case 'unread':
      await setTimeout(unreadMs)
      return void socket.destroy()
    case 'reset':
      return void socket.on('error', () => undefined).resetAndDestroy()
    case 'halfClosed':
      socket.on('error', () => undefined).end()
      await setTimeout(unreadMs)
      return void socket.destroy()
  }
}

const front = createNetServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => undefined)
  void welcome(socket)
})
process.on('SIGUSR2', () => {
  works.release()
  void caller.storm()
})
front.listen(0, '127.0.0.1')
await once(front, 'listening')
process.stdout.write(`http://127.0.0.1:${(front.address() as AddressInfo).port}/v1\n`)
