// Runs test files in a copy of the repository, and says which test was the first to fail.
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** For each file; a test run that hangs is a red one. */
const fileMaxMs = 120_000

export type Run =
  | { readonly kind: 'green' }
  | { readonly kind: 'red'; readonly test: string }
  /** The tests did not even begin: what was changed is no program any more. */
  | { readonly kind: 'broken'; readonly words: string }
  | { readonly kind: 'hung' }

interface Report {
  readonly numTotalTests: number
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

/** The same histories each time, so that no guard is missed or caught by luck. */
const histories = { SIMULATION_SEED: '1', SIMULATION_HISTORIES: '250' }

export async function runTests(path: string, files: readonly string[], bail: boolean): Promise<Run> {
  const report = join(path, 'report.json')
  rmSync(report, { force: true })
  const reporting = ['--reporter=json', `--outputFile=${report}`, '--no-cache', '--maxWorkers=1']
  const child = spawn(
    join(path, 'node_modules/.bin/vitest'),
    ['run', ...files, ...reporting, ...(bail ? ['--bail=1'] : [])],
    {
      cwd: path,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...histories },
    },
  )
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => void said.push(String(data)))
  let hung = false
  const timer = setTimeout(() => {
    hung = true
    // It has children of its own.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, fileMaxMs * files.length)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearTimeout(timer)
  if (hung) return { kind: 'hung' }
  return code === 0 ? { kind: 'green' } : firstFailure(report, said.join(''))
}

function firstFailure(file: string, said: string): Run {
  let report: Report
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return { kind: 'broken', words: said.slice(-600) }
  }
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  const failed = results.find(({ status }) => status === 'failed')
  if (failed) return { kind: 'red', test: failed.fullName }
  const words = report.testResults.map(({ message }) => message).find((message) => message !== '')
  return { kind: 'broken', words: words ?? said.slice(-600) }
}
