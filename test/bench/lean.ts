// A lean program: the rows and requests of a whole life, without a check, a limit, a log or a second account.

// It is what a gateway could cost at least: the same durable intent before each order, one connection for each, the
// same poll, commits that all who wait share, and /metrics in the same names so that it is measured like the gateway.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import fastify from 'fastify'
import { createClient } from '../../src/upstream/client.ts'

const [folder = '.', key = 'sk-lean', upstreamUrl = '', pollAfter = '10000'] = process.argv.slice(2)
const bearer = `Bearer ${key}`
const pollAfterMs = Number(pollAfter)
const inFlightMax = 256
const pollsMax = 200
const idleMs = 5
const timeoutMs = 30_000

const client = new Sqlite(join(folder, 'lean.db'))
client.pragma('journal_mode = WAL')
client.pragma('synchronous = FULL')
client.exec(`
  CREATE TABLE accounts (id TEXT PRIMARY KEY, balance INTEGER) STRICT;
  CREATE TABLE requests (id TEXT PRIMARY KEY, account TEXT, model TEXT, body TEXT, state TEXT, due INTEGER, created INTEGER) STRICT;
  CREATE TABLE tasks (id TEXT PRIMARY KEY, request TEXT, account TEXT, model TEXT, type TEXT, state TEXT, credits INTEGER, upstream_id TEXT, due INTEGER, image TEXT, created INTEGER, finished INTEGER) STRICT;
  CREATE TABLE entries (id INTEGER PRIMARY KEY, account TEXT, kind TEXT, amount INTEGER, balance INTEGER, task TEXT, created INTEGER) STRICT;
  CREATE TABLE attempts (id TEXT PRIMARY KEY, request TEXT, state TEXT, started INTEGER, finished INTEGER) STRICT;
  CREATE INDEX requests_queued ON requests (id) WHERE state = 'queued';
  CREATE INDEX tasks_request ON tasks (request);
  CREATE INDEX tasks_due ON tasks (due) WHERE due IS NOT NULL;
  CREATE UNIQUE INDEX tasks_upstream ON tasks (upstream_id) WHERE upstream_id IS NOT NULL;
  INSERT INTO accounts VALUES ('acc', 1000000000000);
`)
const sql = {
  charge: client.prepare(
    'UPDATE accounts SET balance = balance - 15 WHERE id = ? AND balance >= 15 RETURNING balance',
  ),
  request: client.prepare("INSERT INTO requests VALUES (?, 'acc', ?, ?, 'queued', ?, ?)"),
  task: client.prepare(
    "INSERT INTO tasks VALUES (?, ?, 'acc', ?, 'image', 'queued', 15, NULL, NULL, NULL, ?, NULL)",
  ),
  entry: client.prepare("INSERT INTO entries VALUES (NULL, 'acc', 'charge', -15, ?, ?, ?)"),
  queued: client.prepare("SELECT id, body FROM requests WHERE state = 'queued' ORDER BY id LIMIT ?"),
  claim: client.prepare("UPDATE requests SET state = 'submitting', due = ? WHERE id = ?"),
  submitting: client.prepare("UPDATE tasks SET state = 'submitting' WHERE request = ?"),
  attempt: client.prepare("INSERT INTO attempts VALUES (?, ?, 'open', ?, NULL)"),
  accepted: client.prepare("UPDATE requests SET state = 'accepted', due = NULL WHERE id = ?"),
  closed: client.prepare("UPDATE attempts SET state = 'accepted', finished = ? WHERE id = ?"),
  running: client.prepare("UPDATE tasks SET state = 'running', upstream_id = ?, due = ? WHERE request = ?"),
  due: client.prepare('SELECT id, upstream_id FROM tasks WHERE due <= ? ORDER BY due LIMIT ?'),
  polling: client.prepare('UPDATE tasks SET due = ? WHERE id = ?'),
  ended: client.prepare(
    "UPDATE tasks SET state = 'succeeded', due = NULL, image = ?, finished = ? WHERE id = ?",
  ),
  begin: client.prepare('BEGIN IMMEDIATE'),
  commit: client.prepare('COMMIT'),
}

interface Work {
  run(): unknown
  done(value: unknown): void
}
let works: Work[] = []

/** All works of a turn share a commit. */
async function write<Result>(run: () => Result): Promise<Result> {
  return await new Promise<Result>((resolve) => {
    if (works.push({ run, done: resolve }) === 1) setImmediate(turn)
  })
}

function turn(): void {
  const turnWorks = works
  works = []
  sql.begin.run()
  const values = turnWorks.map(({ run }) => run())
  sql.commit.run()
  turnWorks.forEach(({ done }, at) => done(values[at]))
}

const submits = createClient({ reuse: false, connectTimeoutMs: timeoutMs })
const polls = createClient({ reuse: true, connectTimeoutMs: timeoutMs })
const headers = { authorization: 'Bearer bench', 'content-type': 'application/json' }
const never = new AbortController().signal
let queued = 0
let inFlight = 0
let polled = 0
let ended = 0

async function submitLoop(): Promise<void> {
  const room = inFlightMax - inFlight
  const now = Date.now()
  const rows = room > 0 && queued > 0 ? (sql.queued.all(room) as { id: string; body: string }[]) : []
  queued -= rows.length
  inFlight += rows.length
  const claimed = rows.map(({ id, body }) => ({ id, body, attempt: newId(now) }))
  if (claimed.length > 0) {
    await write(() => {
      for (const { id, attempt } of claimed) {
        sql.claim.run(now + timeoutMs, id)
        sql.submitting.run(id)
        sql.attempt.run(attempt, id, now)
      }
    })
    for (const one of claimed) void submit(one)
  }
  setTimeout(() => void submitLoop(), claimed.length > 0 ? 0 : idleMs)
}

async function submit({ id, body, attempt }: { id: string; body: string; attempt: string }): Promise<void> {
  const url = `${upstreamUrl}/image/generate`
  const answer = await submits.call({ method: 'POST', url, headers, body, timeoutMs, signal: never })
  inFlight -= 1
  const { data } = JSON.parse('body' in answer ? answer.body : '') as { data: { task_ids: string[] } }
  const now = Date.now()
  await write(() => {
    sql.accepted.run(id)
    sql.closed.run(now, attempt)
    sql.running.run(data.task_ids[0], now + pollAfterMs, id)
  })
}

async function pollLoop(): Promise<void> {
  const now = Date.now()
  const rows = sql.due.all(now, pollsMax - polled) as { id: string; upstream_id: string }[]
  polled += rows.length
  if (rows.length > 0) {
    await write(() => {
      for (const { id } of rows) sql.polling.run(now + timeoutMs, id)
    })
    for (const { id, upstream_id: upstreamId } of rows) void poll(id, upstreamId)
  }
  setTimeout(() => void pollLoop(), rows.length > 0 ? 0 : idleMs)
}

async function poll(id: string, upstreamId: string): Promise<void> {
  const url = `${upstreamUrl}/image/tasks/${upstreamId}`
  const answer = await polls.call({ method: 'GET', url, headers, body: null, timeoutMs, signal: never })
  polled -= 1
  const { data } = JSON.parse('body' in answer ? answer.body : '') as { data: { image_url: string } }
  await write(() => sql.ended.run(data.image_url, Date.now(), id))
  ended += 1
}

const app = fastify()
app.addHook('onRequest', async (request, reply) => {
  if (request.url !== '/metrics' && request.headers.authorization !== bearer)
    await reply.code(401).send({ code: 0 })
})
app.post('/api/v1/tasks/create', async (request) => {
  const body = request.body as { model_id: string }
  const now = Date.now()
  const [id, requestId] = [newId(now), newId(now)]
  await write(() => {
    const { balance } = sql.charge.get('acc') as { balance: number }
    sql.request.run(requestId, body.model_id, JSON.stringify(body), now, now)
    sql.task.run(id, requestId, body.model_id, now)
    sql.entry.run(balance, id, now)
  })
  queued += 1
  return { code: 200, msg: 'ok', data: { task_id: id, request_id: requestId, credits: 15, task_ids: [id] } }
})
app.get('/metrics', async () => {
  const { user, system } = process.cpuUsage()
  return [
    `tollgate_queue_depth ${queued}`,
    `tollgate_tasks_ended_total ${ended}`,
    `process_cpu_seconds_total ${(user + system) / 1e6}`,
    `tollgate_upstream_submit_limit ${inFlightMax}`,
    `tollgate_upstream_submit_ceiling 0`,
    '',
  ].join('\n')
})
void submitLoop()
void pollLoop()
process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: 0 })}\n`)

function newId(now: number): string {
  return now.toString(36) + randomBytes(12).toString('hex')
}
