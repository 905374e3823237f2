// Finds open tasks that a configuration can no longer poll: it lacks their upstream, or the key that ordered them.
import { upstreamNamed } from '../../config/upstreams.ts'
import type { Config } from '../../config/config.ts'
import { sql } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import { fingerprintIn, isFree, keyStatusOf } from '../../upstream/keys/key-mark.ts'

export interface Unreachable {
  readonly upstream: string
  /** Fingerprints; none if no order was posted yet. */
  readonly keys: readonly string[]
  readonly why: 'upstream' | 'key' | 'place'
  readonly tasks: number
}

interface Counted {
  readonly upstream: string
  /** Null: not posted yet. */
  readonly mark: string | null
  readonly tasks: number
}

/** Reads only open rows, by their indexes; queued orders only if their upstream is gone. */
export async function unreachableTasks(
  read: Connection,
  config: Pick<Config, 'upstreams'>,
): Promise<Unreachable[]> {
  const counted = [...(await runningByKey(read)), ...(await submittedByKey(read))]
  for (const upstream of await queuedUpstreams(read)) {
    if (!upstreamNamed(config, upstream)) counted.push(await queuedFor(read, upstream))
  }
  return grouped(counted, config)
}

function grouped(counted: readonly Counted[], config: Pick<Config, 'upstreams'>): Unreachable[] {
  const groups = new Map<string, { why: Unreachable['why']; keys: Set<string>; tasks: number }>()
  for (const { upstream, mark, tasks } of counted) {
    const why = tasks === 0 ? null : whyUnreachable(config, upstream, mark)
    if (why === null) continue
    const key = mark === null ? null : fingerprintIn(mark)
    // One group for all keys of an upstream that is gone.
    const name = JSON.stringify([upstream, why === 'upstream' ? '' : key])
    const group = groups.get(name) ?? { why, keys: new Set<string>(), tasks: 0 }
    if (key !== null) group.keys.add(key)
    group.tasks += tasks
    groups.set(name, group)
  }
  return [...groups].map(([name, { why, keys, tasks }]) => {
    const [upstream = ''] = JSON.parse(name) as string[]
    return { upstream, why, tasks, keys: [...keys].toSorted() }
  })
}

function whyUnreachable(
  config: Pick<Config, 'upstreams'>,
  upstream: string,
  mark: string | null,
): Unreachable['why'] | null {
  if (mark !== null && isFree(mark)) return null
  const settings = upstreamNamed(config, upstream)
  if (!settings) return 'upstream'
  if (mark === null) return null
  const status = keyStatusOf(mark, settings)
  if (status === 'known') return null
  return status === 'unknown_key' ? 'key' : 'place'
}

async function runningByKey(read: Connection): Promise<Counted[]> {
  const { tasks, polls } = read.tables
  return await read.rows<Counted>(sql`
    SELECT ${tasks.upstream} AS "upstream", ${tasks.upstreamKey} AS "mark", count(*) AS "tasks"
    FROM ${polls} JOIN ${tasks} ON ${tasks.id} = ${polls.taskId}
    GROUP BY ${tasks.upstream}, ${tasks.upstreamKey}`)
}

/** By the key of the last attempt: the upstream tasks that it made are not all known yet. */
async function submittedByKey(read: Connection): Promise<Counted[]> {
  const { requests, attempts, tasks } = read.tables
  return await read.rows<Counted>(sql`
    SELECT ${requests.upstream} AS "upstream", ${attempts.upstreamKey} AS "mark", count(*) AS "tasks"
    FROM ${requests}
    JOIN ${attempts} ON ${attempts.requestId} = ${requests.id} AND ${attempts.number} = ${requests.attemptsMade}
    JOIN ${tasks} ON ${tasks.requestId} = ${requests.id}
    WHERE ${requests.dueAt} IS NOT NULL AND ${requests.state} IN ('submitting', 'unknown', 'accepted')
      AND ${tasks.state} IN ('submitting', 'unknown')
      AND ${attempts.upstreamKey} <> ${restoredMark}
    GROUP BY ${requests.upstream}, ${attempts.upstreamKey}`)
}

/** The key of the attempt that a restore writes for an order that may have been posted, with any key. */
const restoredMark = 'unknown'

async function queuedUpstreams(read: Connection): Promise<string[]> {
  const { queues, requests } = read.tables
  const rows = await read.select().from(queues)
  const queued = rows.filter(({ waiting }) => waiting > 0).map(({ upstream }) => upstream)
  // Orders that wait for their first frame will be queued there.
  const waiting = await read.rows<{ upstream: string }>(sql`
    SELECT DISTINCT ${requests.upstream} AS "upstream" FROM ${requests}
    WHERE ${requests.dueAt} IS NOT NULL AND ${requests.state} = 'waiting'`)
  return [...new Set([...queued, ...waiting.map(({ upstream }) => upstream)])]
}

async function queuedFor(read: Connection, upstream: string): Promise<Counted> {
  const { requests, tasks } = read.tables
  const [row] = await read.rows<Pick<Counted, 'tasks'>>(sql`
    SELECT count(*) AS "tasks" FROM ${requests} JOIN ${tasks} ON ${tasks.requestId} = ${requests.id}
    WHERE ${requests.dueAt} IS NOT NULL AND ${requests.state} IN ('queued', 'waiting') AND ${requests.upstream} = ${upstream}
      AND ${tasks.state} = 'queued'`)
  return { upstream, mark: null, tasks: row?.tasks ?? 0 }
}
