// Builds the console into `console/built/`, which is committed: `npm run build:console`. With --check it only compares.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { licensesOf, packageOf } from './packages.ts'

const checkout = fileURLToPath(new URL('..', import.meta.url))
const root = join(checkout, 'console')
const built = join(root, 'built')
const isCheck = process.argv.includes('--check')

const outDir = isCheck ? mkdtempSync(join(tmpdir(), 'tollgate-console-')) : built
try {
  const made = await build({
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true },
  })
  writeFileSync(join(outDir, 'LICENSES.txt'), licensesOf(checkout, packagesIn(made)))
  if (isCheck) {
    const stale = differences(outDir, built)
    if (stale.length > 0) {
      process.stderr.write(
        `console/built/ is not what its sources make (${stale.join(', ')}). Run npm run build:console and commit it.\n`,
      )
      process.exitCode = 1
    }
  }
} finally {
  if (isCheck) rmSync(outDir, { recursive: true, force: true })
}

/** Styles come from Tailwind, which is no module of the scripts. */
function packagesIn(made: Awaited<ReturnType<typeof build>>): string[] {
  if (!('output' in made)) throw new Error('one bundle is built, and not watched')
  const ids = made.output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))
  return [...new Set(['tailwindcss', ...ids.flatMap((id) => packageOf(id) ?? [])])].toSorted()
}

function differences(made: string, there: string): string[] {
  const names = new Set([...filesIn(made), ...filesIn(there)])
  return [...names].filter((name) => textOf(join(made, name)) !== textOf(join(there, name)))
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

function textOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}
