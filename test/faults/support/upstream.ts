// The scripted Keevx as a process, and its own record of every order that reached it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { root } from '../../tidy/tree.ts'

/** One order that reached the upstream whole. */
export interface Post {
  readonly prompt: string
  /** The tasks that it accepted, each of them paid work. */
  readonly ids: readonly string[]
  /** It broke the connection, or answered 5xx or 429: Keevx documents that the order may be posted again. */
  readonly mayComeAgain: boolean
}

export interface Upstream {
  readonly url: string
  posts(): Post[]
  stop(): Promise<void>
}

export async function startUpstream(logFile: string): Promise<Upstream> {
  writeFileSync(logFile, '')
  const program = join(root, 'test/faults/programs/keevx.ts')
  const child = spawn(process.execPath, [program, logFile], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return {
    url,
    posts: () =>
      readFileSync(logFile, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Post),
    async stop() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}
