// Tools that take long to install: kept in node_modules/.cache, so that only the first run fetches them.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../tidy/tree.ts'

const run = promisify(execFile)
const cache = join(root, 'node_modules/.cache/clients')
/** A registry that answers slowly is no reason to fail. */
const installMaxMs = 900_000
const outputBytesMax = 64 * 1024 * 1024

export interface Tools {
  /** Holds `node_modules` or the environment; folders below it find what is installed. */
  readonly folder: string
  /** Runs one of the installed programs; throws with all it printed if it fails. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<string>
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Record<string, string>
  readonly maxMs?: number
}

/** Null if there is no Python that can make environments of its own; tests are then skipped by name. */
export const python = await findPython()

async function findPython(): Promise<string | null> {
  const check = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'
  try {
    await run('python3', ['-c', check])
    return 'python3'
  } catch {
    return null
  }
}

/** A virtual environment with these packages, pinned like `httpx==0.28.1`. */
export async function pythonTools(name: string, packages: readonly string[]): Promise<Tools> {
  const folder = await installed(name, packages, async (into) => {
    await run(python ?? 'python3', ['-m', 'venv', into], { timeout: installMaxMs })
    // Compiling thousands of files that are never imported takes minutes on a busy machine.
    const options = ['--quiet', '--no-compile', '--disable-pip-version-check']
    const pip = ['-m', 'pip', 'install', ...options, ...packages]
    await run(join(into, 'bin/python'), pip, { timeout: installMaxMs, maxBuffer: outputBytesMax })
  })
  return toolsIn(folder, join(folder, 'bin'))
}

/** Null if there is no Rust; tests are then skipped by name. */
export const cargo = await run('cargo', ['--version']).then(
  () => 'cargo',
  () => null,
)

/** A program called `client`, built from a file and these packages of crates.io. */
export async function cargoTools(
  name: string,
  program: string,
  dependencies: Record<string, string>,
): Promise<Tools> {
  const source = readFileSync(program, 'utf8')
  const folder = await installed(`${name}-rust`, { source, dependencies }, async (into) => {
    mkdirSync(join(into, 'src'), { recursive: true })
    writeFileSync(join(into, 'src/main.rs'), source)
    const packages = Object.entries(dependencies).map(([crate, version]) => `${crate} = "${version}"`)
    const manifest = ['[package]', 'name = "client"', 'edition = "2021"', '[dependencies]', ...packages, '']
    writeFileSync(join(into, 'Cargo.toml'), manifest.join('\n'))
    const options = { cwd: into, timeout: installMaxMs, maxBuffer: outputBytesMax }
    await run('cargo', ['build', '--quiet'], options)
  })
  return toolsIn(folder, join(folder, 'target/debug'))
}

/** A folder whose `node_modules` holds these packages in exactly these versions. */
export async function npmTools(name: string, dependencies: Record<string, string>): Promise<Tools> {
  const folder = await installed(name, dependencies, async (into) => {
    mkdirSync(into)
    writeFileSync(join(into, 'package.json'), JSON.stringify({ private: true, dependencies }))
    const options = { cwd: into, timeout: installMaxMs, maxBuffer: outputBytesMax }
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], options)
  })
  return toolsIn(folder, join(folder, 'node_modules/.bin'))
}

/** The folder of one package, without the hundreds that it depends on; it finds those of `tools`. */
export async function npmPackage({ folder, run: runTool }: Tools, spec: string): Promise<string> {
  const into = join(folder, 'package')
  if (existsSync(into)) return into
  const packed = await runTool('npm', ['pack', '--silent', spec], { maxMs: installMaxMs })
  await runTool('tar', ['-xzf', packed.trim()])
  return into
}

/** Installs once for each list of packages. An installation that broke off is not taken for one. */
async function installed(
  name: string,
  wanted: unknown,
  install: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cache, name)
  const done = join(folder, 'installed.json')
  const list = JSON.stringify(wanted)
  if (existsSync(done) && readFileSync(done, 'utf8') === list) return folder
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  await install(folder)
  writeFileSync(done, list)
  return folder
}

function toolsIn(folder: string, bin: string): Tools {
  return {
    folder,
    async run(program, args, { cwd = folder, env = {}, maxMs = 120_000 } = {}) {
      const path = `${bin}${delimiter}${process.env['PATH'] ?? ''}`
      try {
        const { stdout } = await run(program, args, {
          cwd,
          env: { ...process.env, PATH: path, ...env },
          timeout: maxMs,
          maxBuffer: outputBytesMax,
        })
        return stdout
      } catch (error) {
        const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string }
        throw new Error(`${program} failed: ${message}\n${stdout}\n${stderr}`, { cause: error })
      }
    },
  }
}
