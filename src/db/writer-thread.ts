// The thread that writes what requests bring, so that reading the next ones goes on while a commit is on its way.
import { parentPort, workerData } from 'node:worker_threads'
import { openClient } from './client.ts'
import type { Tx } from './database.ts'
import { packError } from './portable.ts'
import type { Portable } from './portable.ts'
import type { FromThread, Result, ThreadData, ToThread, WorkName } from './thread.ts'
import { turnstileAt } from './turnstile.ts'
import { Writer } from './writer.ts'

type Run = (tx: Tx, input: unknown) => Promise<unknown>

const { file, turnstile } = workerData as ThreadData
const client = openClient(file)
const tell = (message: FromThread) => parentPort?.postMessage(message)
const writer = new Writer(
  client,
  {
    onCommit: () => undefined,
    onFatal: (error) => tell({ fatal: packError(error) }),
  },
  turnstileAt(turnstile),
)
const runs = new Map<number, Run>()

parentPort?.on('message', (message: ToThread) => {
  if (message === 'end') void end()
  else void take(message)
})

async function take({ names, works }: Exclude<ToThread, 'end'>): Promise<void> {
  for (const name of names) runs.set(name.number, await find(name))
  for (const { id, number, input } of works) {
    const run = runs.get(number)
    if (!run) throw new Error(`work ${number} was never named`)
    void writer
      .add((tx) => run(tx, input), false)
      .then(
        (value) => answer({ id, value }),
        (error: unknown) => answer({ id, error: packError(error) }),
      )
  }
}

async function find({ module, name }: WorkName): Promise<Run> {
  const exports = (await import(module)) as Record<string, Portable<unknown, unknown>>
  const work = exports[name]
  if (!work) throw new Error(`${module} exports no work called ${name}`)
  return (tx, input) => work.run(tx, input)
}

let results: Result[] = []

/** The works of a turn are answered in one message. */
function answer(result: Result): void {
  if (results.push(result) > 1) return
  queueMicrotask(() => {
    tell({ results })
    results = []
  })
}

async function end(): Promise<void> {
  await writer.end()
  client.close()
  parentPort?.close()
}
