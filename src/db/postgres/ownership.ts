// Who serves a store: locks that the server releases when the connection of their holder ends.
import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { StoreAway, StoreRefused } from '../errors.ts'
import type { Beside, Ownership, Serving } from '../dialect.ts'
import { Link } from './link/link.ts'
import type { LinkTerms } from './link/link.ts'
import { instanceLock, instanceSpace, lockSpace, servedLock } from './link/locks.ts'
import type { Place } from './migrate.ts'
import { briefly, withLink } from './place.ts'
import { served } from './refused.ts'

/** A connection that ended without a word is noticed by then. */
const checkEveryMs = 5_000
const regainEveryMs = 250
/** The quickest answer of these tells the server's time best. */
const clockSamples = 3

/** Stores that this process serves, and whose lock it has lost: nothing is written until it is back. */
const lost = new Set<string>()

/** Why a store that this process serves may not be written now. */
export const hindranceOf = ({ url }: Place): StoreAway | null =>
  lost.has(url)
    ? new StoreAway(new Error('the lock of the gateways that serve it is being taken again'))
    : null

/** Takes the lock alone. Throws StoreRefused if another process has it; `onLost` hears of one that took it later. */
export async function own(place: Place, onLost: (error: Error) => void): Promise<Ownership> {
  return await hold({ place, instance: null }, onLost)
}

/** Shares the lock with the other gateways. Throws StoreRefused if a process has it alone. */
export async function serve(
  place: Place,
  instance: string,
  onLost: (error: Error) => void,
): Promise<Serving> {
  const held = await hold({ place, instance }, onLost)
  return { release: held.release, beside: besideOn(held) }
}

/** How the lock is wanted. `instance`: the gateway that shares it; null: alone. */
interface Wanted {
  readonly place: Place
  readonly instance: string | null
}

/** The server's end of a connection; its process number alone may be another's by now. */
interface Backend {
  readonly pid: number
  readonly startedAt: string
}

interface Taken {
  readonly link: Link
  readonly backend: Backend
}

interface Held {
  link: Link
  backend: Backend
  isReleased: boolean
  release(): Promise<void>
}

async function hold(wanted: Wanted, onLost: (error: Error) => void): Promise<Held> {
  const held: Held = {
    ...(await take(wanted, null)),
    isReleased: false,
    async release() {
      held.isReleased = true
      lost.delete(wanted.place.url)
      // Not by the end of the connection alone, which the server notices a moment later.
      await held.link.run({ text: 'SELECT pg_advisory_unlock_all()' }).catch(() => undefined)
      held.link.close()
    },
  }
  void watch(wanted, held).then((error) => error && onLost(error))
  return held
}

/** Takes the lock again whenever its connection is lost. Ends once it is released, or another process has it. */
async function watch(wanted: Wanted, held: Held): Promise<Error | null> {
  for (;;) {
    await Promise.race([ended(held.link), pause(checkEveryMs, undefined, { ref: false })])
    if (held.isReleased) return null
    if (await isAlive(held.link)) continue
    lost.add(wanted.place.url)
    const again = await regain(wanted, held)
    if (again === null || again instanceof Error) return again
    Object.assign(held, again)
    lost.delete(wanted.place.url)
  }
}

function besideOn(held: Held): Beside {
  return {
    async connected(instances) {
      const rows = await held.link.ask<{ id: string }>(
        `SELECT i.id FROM unnest(CAST($1 AS text[])) AS i (id) WHERE EXISTS (
          SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.classid = ${instanceSpace}
          AND CAST(CAST(l.objid AS bigint) AS bit(32)) = CAST(${instanceLock('i.id')} AS bit(32))
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))`,
        [instances],
      )
      return new Set(rows.map(({ id }) => id))
    },
    async clockAheadMs() {
      let best = { tookMs: Infinity, aheadMs: 0 }
      for (let sample = 0; sample < clockSamples; sample += 1) {
        const [askedAt, began] = [Date.now(), performance.now()]
        const [row] = await held.link.ask<{ nowMs: number }>(
          'SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS double precision) AS "nowMs"',
        )
        const tookMs = performance.now() - began
        if (row && tookMs < best.tookMs) best = { tookMs, aheadMs: row.nowMs - (askedAt + tookMs / 2) }
      }
      return best.aheadMs
    },
  }
}

/** Who serves the store, to append to a sentence: `: process 4711 on the host h, started …`; null: nobody. */
export async function holderOf(place: Place): Promise<string | null> {
  const [holder] = await withLink(
    place,
    briefly,
    async (link) =>
      await link.ask<{ name: string }>(
        `SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
          WHERE l.locktype = 'advisory' AND l.granted AND l.classid = ${lockSpace} AND l.objid = ${servedLock}
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1`,
      ),
  )
  return holder ? wordsOf(holder.name) : null
}

/**
 * `before`: our own end of the last connection, which the server may take for alive for hours if the network
 * has forgotten it; it is ended, and the lock is free a moment later.
 */
async function take({ place, instance }: Wanted, before: Backend | null): Promise<Taken> {
  const terms: LinkTerms = { ...briefly, name: holderName(), statementMs: checkEveryMs }
  const link = await Link.open(place.url, terms)
  try {
    if (before) await endBackend(link, before)
    const shared = instance === null ? '' : '_shared'
    const [lock] = await link.ask<Backend & { taken: boolean }>(
      `SELECT pg_try_advisory_lock${shared}(${lockSpace}, ${servedLock}) AS taken, pid, ${startOf} AS "startedAt"
        FROM pg_stat_activity WHERE pid = pg_backend_pid()`,
    )
    if (lock?.taken && (instance === null || (await isNamed(link, instance)))) return { link, backend: lock }
  } catch (error) {
    link.close()
    throw error
  }
  link.close()
  throw served(place.name, (await holderOf(place)) ?? '')
}

/** Its last connection may hold the name for a moment longer. */
async function isNamed(link: Link, instance: string): Promise<boolean> {
  const text = `SELECT pg_try_advisory_lock(${instanceSpace}, ${instanceLock('CAST($1 AS text)')}) AS taken`
  const [name] = await link.ask<{ taken: boolean }>(text, [instance])
  return name?.taken ?? false
}

/** In the same words whatever the time zone of a session. */
const startOf = 'CAST(extract(epoch FROM backend_start) AS text)'

async function endBackend(link: Link, { pid, startedAt }: Backend): Promise<void> {
  const text = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND ${startOf} = $2`
  await link.ask(text, [pid, startedAt])
}

/** The lock again once the server is back; null if it is wanted no more, and an error if another process has it. */
async function regain(wanted: Wanted, held: Held): Promise<Taken | Error | null> {
  while (!held.isReleased) {
    try {
      return await take(wanted, held.backend)
    } catch (error) {
      // Without a name nobody had it any more when that was asked, or it is no gateway: it is tried for again.
      const isGateway = error instanceof StoreRefused && error.message.includes(anyGateway)
      const isOther = isGateway && !error.message.includes(ourselves)
      if (isOther && (wanted.instance === null || (await isHeldAlone(wanted.place)))) return error
    }
    await pause(regainEveryMs, undefined, { ref: false })
  }
  return null
}

/** By a process that moves or removes the store. */
async function isHeldAlone(place: Place): Promise<boolean> {
  const alone = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock'
    AND classid = ${lockSpace} AND objid = ${servedLock}
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
  const rows = await withLink(place, briefly, async (link) => await link.ask(alone)).catch(() => [])
  return rows.length > 0
}

async function isAlive(link: Link): Promise<boolean> {
  try {
    await link.run({ text: 'SELECT 1' })
    return true
  } catch {
    return false
  }
}

const ended = async (link: Link): Promise<void> =>
  await new Promise((resolve) => link.onLost(() => resolve(undefined)))

/** What the server shows of a connection is cut after 63 bytes, so the host comes last. */
const holderName = (): string => {
  const startedAt = new Date(performance.timeOrigin).toISOString().replace(/\.\d+/, '')
  return `tollgate ${process.pid} ${startedAt} ${hostname()}`
}

const anyGateway = 'another tollgate: process '

const wordsFrom = (pid: string, startedAt: string, host: string): string =>
  `: process ${pid} on the host ${host}, started ${startedAt}`

function wordsOf(name: string): string {
  const [, pid = '', startedAt = '', host = ''] = /^tollgate (\d+) (\S+) (.*)$/.exec(name) ?? []
  return pid === '' ? '' : wordsFrom(pid, startedAt, host)
}

/** As others are told of this process. */
const ourselves = wordsOf(holderName().slice(0, 63))
