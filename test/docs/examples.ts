// The examples of a page of documentation, as files that can be run.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { root } from '../tidy/tree.ts'

/** What stands in the fence behind `<!-- example: NAME -->`. */
export function example(page: string, name: string): string {
  const text = readFileSync(join(root, page), 'utf8')
  const marker = `<!-- example: ${name} -->\n`
  const [, behind, ...more] = text.split(marker)
  const [, code] = /^```\w+\n(.*?)^```$/ms.exec(behind ?? '') ?? []
  if (code === undefined || more.length > 0) throw new Error(`${page} has no one example ${name}`)
  return code
}

/** A folder with these files, until the test ends. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-example-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}
