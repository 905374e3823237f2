// Asks a guard and says in one value what became of it.
import { createGuard, type Guard } from '../../src/net/guard.ts'
import { OutgoingError } from '../../src/net/error.ts'
import type { FetchOptions } from '../../src/net/fetch.ts'
import type { Resolve } from '../../src/net/resolve.ts'

export const limits = { timeoutMs: 5_000, maxBytes: 10_000 }

export function guardOf(options: { allowHosts?: string[]; resolve?: Resolve } = {}): Guard {
  return createGuard({ allowHosts: [], ...options })
}

/** The body's text, or the kind of the error; other errors are the test's own. */
export async function ask(guard: Guard, url: string, options: Partial<FetchOptions> = {}) {
  try {
    const answer = await guard.fetch(url, { ...limits, ...options })
    return { status: answer.status, url: answer.url, text: (await readAll(answer.body)).toString() }
  } catch (error) {
    if (!(error instanceof OutgoingError)) throw error
    return { kind: error.kind, message: error.message, status: error.status }
  }
}

export async function readAll(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}
