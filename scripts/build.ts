// Bundles the gateway into `dist/`, with everything that it needs to run: `npm run build`. A checkout runs without.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import type { Plugin } from 'rolldown'
import { licensesOf, packageOf } from './packages.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
/** The bundle, in a folder of its own: migrations and modules lie beside it as they do in a checkout. */
const program = join(dist, 'program')
/** Has a part in machine code, so it stays a package. */
const native = 'better-sqlite3'

/** Drizzle is loaded as CommonJS in a checkout, which starts faster there; in a bundle nothing is looked up. */
const drizzleAsModules: Plugin = {
  name: 'drizzle-as-modules',
  transform(code, id) {
    if (!/src\/db\/(?:postgres\/)?drizzle\.ts$/.test(id)) return null
    const changed = code.replaceAll(/\bload\((?=\s*')/g, 'require(')
    if (changed === code) throw new Error(`${id} loads nothing: look at scripts/build.ts`)
    return changed
  },
}

/**
 * An import of `node:http` reads all that it exports, also what is made when it is first read: a second undici,
 * for the `fetch` that we do not use. That is 20 ms and 6 MB of a start.
 */
const httpWithoutFetch: Plugin = {
  name: 'http-without-fetch',
  resolveId: (id, _importer, { kind }) =>
    id === 'node:http' && kind === 'import-statement' ? '\0node-http' : null,
  load: (id) => (id === '\0node-http' ? httpModule : null),
}
const httpModule = `
import { createRequire } from 'node:module'
export const { createServer, request, IncomingMessage, ServerResponse, STATUS_CODES } =
  createRequire(import.meta.url)('node:http')
`

/**
 * Of these libraries we use a part, and their entries load everything: undici a cache, mocks, WebSocket and `fetch`,
 * the limiter a dozen databases. That is 5 MB of a start. An import of anything else fails the build.
 */
const partsOfOurs: Plugin = {
  name: 'parts-of-ours',
  resolveId(id, importer) {
    if (Object.hasOwn(parts, id)) return `\0part ${id}`
    // Asked only for bodies that are a FormData, which ours never are.
    const isOfFetch = /[/\\]web[/\\](?:fetch|webidl)/.test(id)
    return isOfFetch && importer?.includes('node_modules/undici/lib/') ? '\0no-fetch' : null
  },
  load(id) {
    if (id === '\0no-fetch') return 'export const webidl = { is: { FormData: () => false } }'
    return parts[id.replace('\0part ', '')] ?? null
  },
}
const fileOf = (path: string) => JSON.stringify(join(root, 'node_modules', path))
const parts: Readonly<Record<string, string>> = {
  undici: `
import Agent from ${fileOf('undici/lib/dispatcher/agent.js')}
import Client from ${fileOf('undici/lib/dispatcher/client.js')}
import Dispatcher from ${fileOf('undici/lib/dispatcher/dispatcher.js')}
import errors from ${fileOf('undici/lib/core/errors.js')}
import request from ${fileOf('undici/lib/api/api-request.js')}
Dispatcher.prototype.request = request
export { Agent, Client, errors }`,
  'rate-limiter-flexible': `
import RateLimiterMemory from ${fileOf('rate-limiter-flexible/lib/RateLimiterMemory.js')}
export { RateLimiterMemory }`,
}

/** Node keeps the text of a program, in two bytes for each character if there is one that is not of ASCII. */
const inAscii: Plugin = {
  name: 'in-ascii',
  generateBundle(_options, output) {
    for (const chunk of Object.values(output)) {
      if (chunk.type === 'chunk') chunk.code = chunk.code.replaceAll(/[^\0-\x7F]/g, escaped)
    }
  },
}
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

rmSync(dist, { recursive: true, force: true })
const bundled = await bundle()
for (const folder of ['bin', 'console/built', 'migrations'])
  cpSync(join(root, folder), join(dist, folder), { recursive: true })
copyNative()
for (const file of ['package.json', 'LICENSE']) cpSync(join(root, file), join(dist, file))
writeFileSync(join(dist, 'LICENSES.txt'), licensesOf(root, [...bundled, native]))
fillCompileCache()
process.stdout.write(
  `dist/ holds ${megabytes(sizeOf(dist))} MB. Start it with node dist/program/main.js serve.\n`,
)

/** Returns the names of the packages in the bundle. */
async function bundle(): Promise<string[]> {
  const build = await rolldown({
    // Threads and processes of their own are entries: they are started by the path of their file.
    input: {
      main: join(root, 'src/main.ts'),
      'ledger/audit-thread': join(root, 'src/ledger/audit-thread.ts'),
      'cli/sandbox-process': join(root, 'src/cli/sandbox-process.ts'),
    },
    platform: 'node',
    external: [native, 'pg-native'],
    plugins: [drizzleAsModules, httpWithoutFetch, partsOfOurs, inAscii],
  })
  const { output } = await build.write({
    dir: program,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    // Functions and classes keep their names, so that an error still says where it came from.
    minify: {
      mangle: { keepNames: true, toplevel: false },
      compress: true,
      codegen: { removeWhitespace: true },
    },
    sourcemap: false,
  })
  await build.close()
  const packages = output.flatMap((chunk) =>
    chunk.type === 'chunk' ? chunk.moduleIds.flatMap((id) => packageOf(id) ?? []) : [],
  )
  return [...new Set(packages)].toSorted()
}

/** The program and the binaries for this system, without sources to compile. */
function copyNative(): void {
  const from = join(root, 'node_modules', native)
  const to = join(dist, 'node_modules', native)
  mkdirSync(join(to, 'prebuilds'), { recursive: true })
  for (const name of ['package.json', 'LICENSE', 'lib'])
    cpSync(join(from, name), join(to, name), { recursive: true })
  const suffix = `-${process.arch}.node`
  for (const name of readdirSync(join(from, 'prebuilds'))) {
    // Linux has two C libraries, and the image may be built on the other one.
    if (!name.startsWith(process.platform) || !name.endsWith(suffix)) continue
    cpSync(join(from, 'prebuilds', name), join(to, 'prebuilds', name))
  }
}

/** Node's compiled code of what a start loads: an image cannot keep it, as its files are only read. */
function fillCompileCache(): void {
  for (const words of [
    ['config', 'check'],
    ['models', 'list'],
    ['serve', '--help'],
  ]) {
    spawnSync(process.execPath, [join(program, 'main.js'), ...words], { stdio: 'ignore', cwd: dist })
  }
  const cache = join(dist, 'node_modules/.cache')
  if (existsSync(cache)) openForReading(cache)
}

/** The program makes its files for its own user alone; these are for whoever runs the image. */
function openForReading(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) openForReading(path)
    else chmodSync(path, 0o644)
  }
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1)
}
