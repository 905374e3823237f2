// The other side of the writing thread: does the works that it is sent, and tells what came of them.
import { parentPort, workerData } from 'node:worker_threads'
import { openClient } from './client.ts'
import { packError } from './portable.ts'
import type { Portable } from './portable.ts'
import type { FromThread, Result, ThreadStart, ToThread } from './thread.ts'
import { turnstileAt } from './turnstile.ts'
import { Writer } from './writer.ts'

/** To be called once, by the file that the thread was started with. */
export function serveWrites(works: readonly Portable<never, unknown>[]): void {
  const { file, turnstile } = workerData as ThreadStart
  const known = new Map(works.map((work) => [work.name, work as Portable<unknown, unknown>]))
  const client = openClient(file)
  const tell = (message: FromThread) => parentPort?.postMessage(message)
  const onFatal = (error: unknown) => tell({ fatal: packError(error) })
  const writer = new Writer(client, { onCommit: () => undefined, onFatal }, turnstileAt(turnstile))
  const answer = together(tell)

  parentPort?.on('message', (message: ToThread) => {
    if (message === 'end') return void end()
    for (const { id, name, input } of message.works) {
      const work = known.get(name)
      if (!work) throw new Error(`the writing thread knows no work called ${name}`)
      void writer
        .add((tx) => work.run(tx, input), false)
        .then(
          (value) => answer({ id, value }),
          (error: unknown) => answer({ id, error: packError(error) }),
        )
    }
  })

  async function end(): Promise<void> {
    await writer.end()
    client.close()
    parentPort?.close()
  }
}

/** The works of a turn are answered in one message. */
function together(tell: (message: FromThread) => void): (result: Result) => void {
  let results: Result[] = []
  return (result) => {
    if (results.push(result) > 1) return
    queueMicrotask(() => {
      tell({ results })
      results = []
    })
  }
}
