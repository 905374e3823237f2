// What a process takes: its memory while it runs, and its time.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const lookEveryMs = 20

/** Resident memory in MiB: now, or the most so far. NaN where the process has ended. */
export function residentMib(pid: number, what: 'VmRSS' | 'VmHWM'): number {
  const status = `/proc/${pid}/status`
  const text = existsSync(status) ? readFileSync(status, 'utf8') : ''
  return Number(new RegExp(`^${what}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN) / 1024
}

export interface Taken {
  readonly ms: number
  readonly mib: number
}

/** Runs a command of the gateway in a folder. Throws where it fails. */
export async function command(cwd: string, words: readonly string[]): Promise<Taken> {
  const began = performance.now()
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), ...words], {
    cwd,
    env: { ...process.env, KEEVX_API_KEY: 'bench' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  let mib = 0
  const looking = setInterval(() => {
    // It may just have ended, and says nothing then.
    const now = child.pid === undefined ? Number.NaN : residentMib(child.pid, 'VmHWM')
    if (now > mib) mib = now
  }, lookEveryMs)
  const [code] = (await once(child, 'exit')) as [number]
  clearInterval(looking)
  if (code !== 0) throw new Error(`tollgate ${words.join(' ')} ended with ${code}`)
  return { ms: performance.now() - began, mib }
}
