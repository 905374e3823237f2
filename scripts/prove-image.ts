// Builds by hand what the Dockerfile's final stage holds, and sees it start, answer and stop: no Docker is needed.
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, copyFileSync, cpSync, mkdirSync, mkdtempSync } from 'node:fs'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  environmentOf,
  healthCommandOf,
  readDockerfile,
  valuesOf,
  wordsOf,
} from '../test/image/dockerfile.ts'
import type { Stage } from '../test/image/dockerfile.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** A start is under a second; a busy machine may take a while longer. */
const startTimeoutMs = 30_000
/** As compose.yaml grants. */
const stopTimeoutMs = 45_000
/** Beside Node: the packages alone were 101 MB before there was a bundle. */
const imageBytesMax = 30_000_000
/** nobody: whoever may write nothing but the data directory. */
const strangerId = 65_534

/** The sandbox takes two seconds for a picture. */
const lifeTimeoutMs = 60_000
const pollEveryMs = 200
const succeeded = 3
const adminToken = 'the-proof-needs-an-operator-with-a-token'

const place = mkdtempSync(join(tmpdir(), 'tollgate-image-'))
try {
  await prove()
  process.stdout.write('The image holds what it needs: it started, answered and stopped.\n')
} finally {
  rmSync(place, { recursive: true, force: true })
}

async function prove(): Promise<void> {
  const stages = readDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8'))
  const final = stages.at(-1)
  if (!final) throw new Error('the Dockerfile has no stage')
  for (const stage of stages) build(stage)
  const image = folderOf(final)
  const bytes = sizeOf(image)
  if (bytes > imageBytesMax)
    throw new Error(`the image would hold ${bytes} bytes beside Node, which is too much`)
  const filesBefore = listFiles(image)
  const child = start(final, image)
  try {
    const url = await urlOf(child)
    await checkAnswers(url)
    checkHealth(final, new URL(url).port)
    await stop(child)
  } finally {
    child.kill('SIGKILL')
  }
  const written = listFiles(image).filter((path) => !filesBefore.includes(path))
  if (written.length > 0) throw new Error(`a read-only root would refuse ${written.join(', ')}`)
}

/** Runs npm as the stage says, and copies; what only Linux inside an image can do is left out. */
function build(stage: Stage): void {
  const folder = folderOf(stage)
  mkdirSync(folder, { recursive: true })
  chmodSync(place, 0o755)
  for (const { instruction, value } of stage.steps) {
    if (instruction === 'COPY') copy(value, folder)
    if (instruction === 'RUN' && value.startsWith('npm ')) {
      const [command = '', ...rest] = wordsOf(value)
      run(command, [...rest, '--prefer-offline'], folder)
    }
  }
}

function copy(value: string, folder: string): void {
  const words = wordsOf(value)
  const stage = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined
  const target = words.pop() ?? '.'
  for (const source of words) {
    const from = stage === undefined ? join(root, source) : join(place, stage, source.replace(/^\/app\//, ''))
    const into =
      words.length > 1 || target.endsWith('/') ? join(folder, target, source) : join(folder, target)
    cpSync(from, into, { recursive: true, verbatimSymlinks: true })
  }
}

function folderOf(stage: Stage): string {
  return join(place, stage.name === '' ? 'final' : stage.name)
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`)
}

/** With this node in the place of the base image's, and as somebody who may write nothing but the data. */
function start(final: Stage, image: string): ChildProcess {
  const bin = join(place, 'bin')
  const dataDir = join(place, 'data')
  mkdirSync(bin)
  mkdirSync(dataDir, { mode: 0o700 })
  copyFileSync(process.execPath, join(bin, 'node'))
  const isRoot = process.getuid?.() === 0
  if (isRoot) chownSync(dataDir, strangerId, strangerId)
  const [entry = '', ...words] = valuesOf(final, 'ENTRYPOINT').flatMap((value) => wordsOf(value))
  const args = [...words, ...valuesOf(final, 'CMD').flatMap((value) => wordsOf(value)), '--sandbox']
  return spawn(join(bin, entry), args, {
    cwd: image,
    env: {
      ...environmentOf(final),
      PATH: bin,
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: dataDir,
      ADMIN_TOKEN: adminToken,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(isRoot && { uid: strangerId, gid: strangerId }),
  })
}

async function urlOf(child: ChildProcess): Promise<string> {
  let said = ''
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const timer = setTimeout(() => reject(new Error(`it did not start:\n${said}`)), startTimeoutMs)
  const read = (chunk: Buffer) => {
    said += chunk.toString()
    // The sandbox has an address too; the gateway's is the one it says it listens on.
    const url = /listens on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1]
    if (url !== undefined) resolve(url)
  }
  child.stdout?.on('data', read)
  child.stderr?.on('data', read)
  child.once('exit', (code) => reject(new Error(`it ended with ${code}:\n${said}`)))
  return await promise.finally(() => clearTimeout(timer))
}

/** A bundle may lack what a checkout has: asks for each part that is loaded late, and follows an order to its end. */
async function checkAnswers(url: string): Promise<void> {
  await ask(`${url}/healthz`)
  await ask(`${url}/docs/reference`)
  const account = await dataOf(`${url}/admin/v1/accounts`, adminToken, { name: 'image', credits: 100 })
  const { key } = await dataOf(`${url}/admin/v1/accounts/${account.id}/keys`, adminToken, { name: 'image' })
  await ask(`${url}/mcp`, key, { jsonrpc: '2.0', id: 1, method: 'tools/list' })
  const order = { model_id: 'gpt-image-2', prompt: 'a serene zen garden at sunrise' }
  const { task_id: taskId } = await dataOf(`${url}/api/v1/tasks/create`, key, order)
  const until = performance.now() + lifeTimeoutMs
  for (let status = 1; status !== succeeded; await pause(pollEveryMs)) {
    status = (await dataOf(`${url}/api/v1/tasks/${taskId}`, key)).task_status
    if (performance.now() > until) throw new Error(`the order has not succeeded: its status is ${status}`)
  }
}

interface Data {
  readonly id: string
  readonly key: string
  readonly task_id: string
  readonly task_status: number
}

async function dataOf(url: string, key: string, body?: object): Promise<Data> {
  return (JSON.parse(await ask(url, key, body)) as { readonly data: Data }).data
}

async function ask(url: string, key?: string, body?: object): Promise<string> {
  const answer = await fetch(url, {
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`)
  return text
}

function checkHealth(final: Stage, port: string): void {
  const [command = '', ...args] = healthCommandOf(final)
  const { status } = spawnSync(join(place, 'bin', command), args, { env: { PORT: port } })
  if (status !== 0) throw new Error('the health check of the Dockerfile does not find it healthy')
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(stopTimeoutMs) })
  child.kill('SIGTERM')
  const [code, signal] = (await ended) as [number | null, string | null]
  if (code !== 0) throw new Error(`SIGTERM ended it with ${code ?? signal}`)
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

/** Without the modules: they are many, and nothing writes there that does not write elsewhere too. */
function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
}
