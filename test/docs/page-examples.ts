// The examples of a page as its reader copies them, and how a reader runs them.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface Example {
  /** `cURL`, `Python`, `JSON` and others. */
  readonly name: string
  readonly code: string
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

/** What the copy button of each block would copy, in the order of the page. */
export function examplesIn(html: string): Example[] {
  const figures = html.matchAll(/<div class="code" data-name="([^"]*)">.*?<pre[^>]*><code>(.*?)<\/code><\/pre>/gs)
  return [...figures].map(([, name = '', code = '']) => ({
    name,
    code: code
      .replaceAll(/<\/?span[^>]*>/g, '')
      .replaceAll(/&([a-z]+|#39);/g, (whole, entity: string) => entities[entity] ?? whole),
  }))
}

/** The blocks for a shell of a page in Markdown. */
export const shellIn = (markdown: string): string[] =>
  [...markdown.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code = '']) => code)

/** Puts in what a reader puts in. An example may name nothing else that has to be replaced. */
export function filled(code: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((text, [place, value]) => text.replaceAll(place, value), code)
}

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

interface Runner {
  readonly program: string
  readonly file: string
}

const runners: Readonly<Record<string, Runner>> = {
  cURL: { program: 'sh', file: 'example.sh' },
  TypeScript: { program: process.execPath, file: 'example.mts' },
  JavaScript: { program: process.execPath, file: 'receiver.mjs' },
  Python: { program: 'python3', file: 'example.py' },
}

interface Place {
  readonly folder: string
  readonly env?: Readonly<Record<string, string>>
}

/** A program that goes on until the test ends. */
export function started({ name, code }: Example, { folder, env }: Place): ChildProcess & { said: string } {
  const runner = runners[name]
  if (!runner) throw new Error(`nobody runs ${name}`)
  writeFileSync(join(folder, runner.file), code)
  const child = Object.assign(
    spawn(runner.program, [runner.file], {
      cwd: folder,
      // As a reader's shell: what this machine has set for its own programs may name a proxy.
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, PYENV_VERSION: process.env['PYENV_VERSION'] ?? '', ...env },
    }),
    { said: '' },
  )
  child.stdout.on('data', (bytes: Buffer) => {
    child.said += bytes.toString()
  })
  onTestFinished(() => void child.kill())
  return child
}

export async function run(example: Example, place: Place): Promise<Ran> {
  const child = started(example, place)
  let err = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    err += bytes.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out: child.said, err }
}
