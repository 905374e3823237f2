// The floor: the irreducible work of a create and a query, written lean, to measure the gateway against.

// It is Fastify, one key in memory, and the same rows in a durable transaction that concurrent requests share.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import fastify from 'fastify'

const [folder = '.', key = 'sk-floor'] = process.argv.slice(2)
const bearer = `Bearer ${key}`

const writer = open()
writer.exec(`
  CREATE TABLE accounts (id TEXT PRIMARY KEY, balance INTEGER) STRICT;
  CREATE TABLE requests (id TEXT PRIMARY KEY, account TEXT, model TEXT, body TEXT, state TEXT, due INTEGER, created INTEGER) STRICT;
  CREATE TABLE tasks (id TEXT PRIMARY KEY, request TEXT, account TEXT, model TEXT, type TEXT, state TEXT, credits INTEGER, image TEXT, created INTEGER) STRICT;
  CREATE TABLE entries (id INTEGER PRIMARY KEY, account TEXT, kind TEXT, amount INTEGER, balance INTEGER, task TEXT, created INTEGER) STRICT;
  INSERT INTO accounts VALUES ('acc', 1000000000000);
`)
const reader = open()
const charge = writer.prepare(
  'UPDATE accounts SET balance = balance - 15 WHERE id = ? AND balance >= 15 RETURNING balance',
)
const insertRequest = writer.prepare('INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?)')
const insertTask = writer.prepare('INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?, 15, NULL, ?)')
const insertEntry = writer.prepare('INSERT INTO entries VALUES (NULL, ?, ?, ?, ?, ?, ?)')
const begin = writer.prepare('BEGIN IMMEDIATE')
const commit = writer.prepare('COMMIT')
const selectTask = reader.prepare('SELECT * FROM tasks WHERE id = ? AND account = ?')

interface Waiting {
  readonly body: { model_id: string; prompt: string }
  readonly answer: (value: { id: string; request: string }) => void
}
let waiting: Waiting[] = []

function turn(): void {
  const works = waiting
  waiting = []
  begin.run()
  const answers = works.map(({ body }) => {
    const now = Date.now()
    const id = newId(now)
    const request = newId(now)
    const { balance } = charge.get('acc') as { balance: number }
    insertRequest.run(request, 'acc', body.model_id, JSON.stringify(body), 'queued', now, now)
    insertTask.run(id, request, 'acc', body.model_id, 'image', 'queued', now)
    insertEntry.run('acc', 'charge', -15, balance, id, now)
    return { id, request }
  })
  commit.run()
  works.forEach(({ answer }, at) => answer(answers[at] ?? { id: '', request: '' }))
}

const app = fastify()
app.addHook('onRequest', async (request, reply) => {
  if (request.headers.authorization !== bearer) await reply.code(401).send({ code: 0 })
})
app.post('/api/v1/tasks/create', async (request) => {
  const body = request.body as Waiting['body']
  const { id, request: requestId } = await new Promise<{ id: string; request: string }>((answer) => {
    if (waiting.push({ body, answer }) === 1) setImmediate(turn)
  })
  return { code: 200, msg: 'ok', data: { task_id: id, request_id: requestId, credits: 15, task_ids: [id] } }
})
app.get('/api/v1/tasks/:id', async (request) => {
  const task = selectTask.get((request.params as { id: string }).id, 'acc') as Record<string, unknown>
  return {
    code: 200,
    msg: 'ok',
    data: {
      task_id: task['id'],
      task_status: 1,
      task_type: task['type'],
      model_id: task['model'],
      image_url: task['image'],
      video_url: null,
      audio_url: null,
      credits: task['credits'],
      created_at: task['created'],
    },
  }
})
process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: 0 })}\n`)

function open(): Sqlite.Database {
  const client = new Sqlite(join(folder, 'floor.db'))
  client.pragma('journal_mode = WAL')
  client.pragma('synchronous = FULL')
  return client
}

function newId(now: number): string {
  return now.toString(36) + randomBytes(12).toString('hex')
}
