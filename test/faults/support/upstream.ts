// The scripted Keevx as a process, and its own record of every order that reached it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { wholeLines } from '../../support/whole-lines.ts'
import { root } from '../../tidy/tree.ts'

/** One order that reached the upstream whole. */
export interface Post {
  readonly prompt: string
  /** The tasks that it accepted, each of them paid work. */
  readonly ids: readonly string[]
  /** It broke the connection, or answered 5xx or 429: Keevx documents that the order may be posted again. */
  readonly mayComeAgain: boolean
  /** How it was answered, and how each of the tasks ends, where the upstream is one that varies both. */
  readonly way?: string
  readonly fates?: readonly string[]
}

/** One callback that the upstream sent, and the status that it was answered; 0 where it was not. */
export interface Told {
  readonly kind: string
  readonly status: number
}

export interface Upstream {
  readonly url: string
  posts(): Post[]
  told(): Told[]
  /** Has late work succeed after all, and every callback sent once more; `told` ends with `released` then. */
  release(): void
  stop(): Promise<void>
}

/** With words for it, the program is the one that goes wrong in every way, and these say how. */
export async function startUpstream(logFile: string, words: readonly string[] = []): Promise<Upstream> {
  const toldFile = `${logFile}.told`
  for (const file of [logFile, toldFile]) writeFileSync(file, '')
  const program = join(root, 'test/faults/programs', words.length === 0 ? 'keevx.ts' : 'chaos.ts')
  const args = [program, logFile, ...words]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return {
    url,
    posts: () => linesOf(logFile) as Post[],
    told: () => linesOf(toldFile) as Told[],
    release: () => void child.kill('SIGUSR2'),
    async stop() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

function linesOf(file: string): unknown[] {
  return wholeLines(readFileSync(file, 'utf8')).map((line) => JSON.parse(line))
}
