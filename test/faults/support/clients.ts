// Clients under way: they order, look, and write down what they are told; what nobody told them stays unknown.
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Chance } from '../../../sandbox/draw/chance.ts'
import { until } from '../../support/gateway.ts'
import { call, neverSent } from './outside.ts'
import { wholeBetween } from './rounds.ts'
import type { Customer, Gateway, Order, Scene } from './scene.ts'

/** The first word of a prompt tells the upstream what to do with the order. */
const words = {
  plain: 70,
  slow: 12,
  failing: 5,
  reset: 5,
  broken: 3,
  refused: 2,
  limited: 1,
  lost: 2,
}
type Word = keyof typeof words

export interface LoadOptions {
  readonly chance: Chance
  /** Words that do not occur; by default all do. */
  readonly without?: readonly Word[]
  /** Between two requests of one client, at most. */
  readonly pauseMs?: number
}

export interface Load {
  /** Acknowledged creates since it began. */
  acknowledged(): number
  /** Resolves when so many creates are acknowledged; throws when they never are. */
  reached(acknowledged: number): Promise<void>
  /** Resolves when the gateway has ended by itself; throws when it does not. */
  outlived(): Promise<void>
  /** Resolves when each client has its last answer, or knows that none will come. */
  stop(): Promise<void>
}

const clientsMax = 8
const pauseMaxMs = 60
const resolutions = ['1K', '2K', '4K'] as const
const countMax = 3
/** One of so many orders is the poor customer's. */
const poorEvery = 8

export function startLoad(scene: Scene, gateway: Gateway, options: LoadOptions): Load {
  const stopping = new AbortController()
  let acknowledged = 0
  const { chance, pauseMs = pauseMaxMs } = options
  const gone = () => gateway.process.child.exitCode !== null || gateway.process.child.signalCode !== null
  const client = async (): Promise<void> => {
    while (!stopping.signal.aborted && !gone()) {
      const order = nextOrder(scene, options)
      const told = await send(scene, gateway, order)
      if (told === 'acknowledged') acknowledged += 1
      if (chance.share() < lookShare) await look(scene, gateway, chance)
      await setTimeout(chance.between(0, pauseMs))
    }
  }
  const clients = Array.from({ length: clientsMax }, client)
  return {
    acknowledged: () => acknowledged,
    async reached(count) {
      await until(
        () => acknowledged,
        (seen) => seen >= count,
        loadMaxMs,
      )
    },
    async outlived() {
      await until(gone, Boolean, loadMaxMs)
    },
    async stop() {
      stopping.abort()
      await Promise.all(clients)
    },
  }
}

const loadMaxMs = 60_000
const lookShare = 0.4

function nextOrder({ orders, customers }: Scene, { chance, without = [] }: LoadOptions): Order {
  const [rich, poor] = customers as readonly [Customer, Customer]
  const number = orders.size + 1
  const word = drawWord(chance, without)
  const resolution = chance.pick(resolutions)
  return {
    customer: number % poorEvery === 0 ? poor : rich,
    prompt: `${word} ${resolution} ${number}`,
    count: wholeBetween(chance, 1, countMax),
    creditsEach: resolution === '4K' ? 30 : 15,
    told: 'unknown',
    requestId: null,
    taskIds: [],
    words: '',
  }
}

function drawWord(chance: Chance, without: readonly Word[]): Word {
  const possible = (Object.keys(words) as Word[]).filter((word) => !without.includes(word))
  let left = chance.share() * possible.reduce((sum, word) => sum + words[word], 0)
  return possible.find((word) => (left -= words[word]) < 0) ?? 'plain'
}

/** Clients that are connected and have said nothing yet; each sends one order when it is told to. */
export async function connectClients(scene: Scene, gateway: Gateway, options: LoadOptions, count: number) {
  const port = Number(new URL(gateway.url).port)
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'))
  await Promise.all(sockets.map(async (socket) => await once(socket, 'connect')))
  // The gateway takes notice of them when it next looks.
  await setTimeout(connectedAfterMs)
  return sockets.map((socket) => () => send(scene, gateway, nextOrder(scene, options), socket))
}

const connectedAfterMs = 100

/** Sends one create, and notes it before the answer as well as after. */
async function send(
  scene: Scene,
  { url }: Pick<Gateway, 'url'>,
  order: Order,
  socket?: Socket,
): Promise<Order['told']> {
  const { orders } = scene
  const { prompt, count, customer } = order
  orders.set(prompt, order)
  const [, resolution] = prompt.split(' ')
  const body = { model_id: 'gpt-image-2', prompt, resolution, generate_count: count }
  try {
    const { status, json } = await call(`${url}/api/v1/tasks/create`, customer.key, body, socket)
    const read = readAnswer(scene, order, status, json)
    orders.set(prompt, read)
    return read.told
  } catch (error) {
    if (neverSent(error)) orders.set(prompt, { ...order, told: 'refused', words: 'never sent' })
    return 'unknown'
  }
}

function readAnswer(scene: Scene, order: Order, status: number, json: any): Order {
  if (status === 200 && json.code === 200) {
    const { task_ids: taskIds, request_id: requestId, credits } = json.data
    const price = order.creditsEach * order.count
    if (credits !== price) scene.problems.push(`${order.prompt} costs ${price}, and ${credits} were taken`)
    return { ...order, told: 'acknowledged', taskIds, requestId }
  }
  const said = `${status} ${json.error?.type}: ${json.msg}`
  return { ...order, told: saysNothingWasCharged(json.msg) ? 'refused' : 'unknown', words: said }
}

const saysNothingWasCharged = (msg: string): boolean => msg.includes('Nothing was charged')

/** Looks at one of the tasks, and remembers how it ended. */
async function look(scene: Scene, { url }: Gateway, chance: Chance): Promise<void> {
  const known = [...scene.orders.values()].filter(({ told }) => told === 'acknowledged')
  const order = known[wholeBetween(chance, 0, known.length - 1)]
  const id = order?.taskIds[0]
  if (!order || id === undefined) return
  const askedAt = performance.now()
  const seen = await call(`${url}/api/v1/tasks/${id}`, order.customer.key).catch(() => null)
  if (seen?.status !== 200) return
  if (seen.json.code === 200) remember(scene, seen.json.data, askedAt)
  else scene.problems.push(`${id}, which was acknowledged, is shown as ${JSON.stringify(seen.json)}`)
}

/**
 * A task that was ever shown as ended is shown in the same way for ever, to whoever asks from then on. (A gateway that
 * stands still between its look and its answer shows what was so when it was asked.)
 */
export function remember({ ended, problems }: Scene, task: any, askedAt: number): void {
  const now = JSON.stringify(task)
  const before = ended.get(task.task_id)
  if (before !== undefined && before.shown !== now && before.at < askedAt)
    problems.push(`${task.task_id} was shown as ${before.shown}, and then as ${now}`)
  if (task.task_status >= 3) ended.set(task.task_id, before ?? { shown: now, at: performance.now() })
}
