// The real command as a child process, in a folder of its own, ended by its pid whatever happens.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { until } from '../support/gateway.ts'
import type { TestStore } from '../support/stores/dialect.ts'
import { openTestStore } from '../support/test-store.ts'
import { root } from '../tidy/tree.ts'

const main = join(root, 'src/main.ts')
export const adminToken = 'an-admin-token-of-more-than-32-characters'

export interface CommandOptions {
  /** Beside what every command gets; undefined takes a variable away. */
  readonly env?: Record<string, string | undefined>
  /** Another file than src/main.ts. */
  readonly program?: string
  /** A command line that starts it: `strace -f …`. */
  readonly under?: readonly string[]
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** The same without the line that names the store and the configuration. */
  readonly said: string
  /** What stdout holds as JSON; undefined where it holds none. */
  readonly json: any
}

export interface Process {
  readonly child: ChildProcess
  stdout(): string
  stderr(): string
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<Ended>
}

const whereLine = /^(?:Store: .*?\. )?Configuration: .*\.\n/m

const living = new Set<ChildProcess>()
const folders: string[] = []

/** Parsing the same sources again for every process would be most of the time. */
const compileCache = join(tmpdir(), 'tollgate-compile-cache')

/** Kills what still runs, and removes the folders; to be called once in every file that starts commands. */
export function cleanUpAfterwards(): void {
  afterAll(async () => {
    const ends = [...living].map((child) => new Promise((resolve) => child.once('close', resolve)))
    for (const child of living) killGroup(child)
    await Promise.all(ends)
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-cli-'))
  folders.push(folder)
  return folder
}

/** What a gateway or command that runs in this folder keeps, where its environment names no other store. */
export const storeIn = (cwd: string): TestStore => openTestStore(`file:${join(cwd, 'data/tollgate.db')}`)

export function start(cwd: string, args: readonly string[], options: CommandOptions = {}): Process {
  const env = { PATH: process.env['PATH'], PORT: '0', NODE_COMPILE_CACHE: compileCache, ...options.env }
  const [command = '', ...words] = [
    ...(options.under ?? []),
    process.execPath,
    options.program ?? main,
    ...args,
  ]
  const child = spawn(command, words, { cwd, env, detached: true })
  living.add(child)
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      living.delete(child)
      resolve({ code, stdout: out, stderr: err, said: err.replace(whereLine, ''), json: parse(out) })
    })
  })
  return { child, stdout: () => out, stderr: () => err, kill: (signal) => void child.kill(signal), ended }
}

/** Runs a command to its end. */
export async function tollgate(
  cwd: string,
  args: readonly string[],
  options?: CommandOptions,
): Promise<Ended> {
  return await start(cwd, args, options).ended
}

export interface Serving extends Process {
  readonly url: string
}

/** Starts a command that serves, and waits until it listens. */
export async function serving(
  cwd: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Serving> {
  const env = { ADMIN_TOKEN: adminToken, ...options.env }
  const process = start(cwd, args, { ...options, env })
  const listens = /tollgate listens on (\S+)/
  const seen = await until(
    () => ({ text: process.stderr(), exit: process.child.exitCode }),
    ({ text, exit }) => listens.test(text) || exit !== null,
  )
  const url = listens.exec(seen.text)?.[1]
  if (url === undefined) throw new Error(`it does not listen: ${seen.text}`)
  return { ...process, url }
}

/** Asks a gateway, with a key or the operator's token, and answers the body. */
export async function ask(
  url: string,
  key: string,
  body?: unknown,
  method = body === undefined ? 'GET' : 'POST',
): Promise<any> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return await response.json()
}

/** With all that it has started: each began a group of its own. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Runs a command that must succeed, and answers its JSON. */
export async function succeeded(folder: string, args: readonly string[]): Promise<any> {
  const { code, json, said } = await tollgate(folder, [...args, '--json'])
  expect({ code, said }).toEqual({ code: 0, said: '' })
  return json
}
