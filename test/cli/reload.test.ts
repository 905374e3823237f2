// A changed tollgate.yaml is read again, also behind links: those of a hand, and those of a mounted ConfigMap.
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { App } from '../../src/app/app.ts'
import { watchCatalog } from '../../src/cli/reload.ts'
import { createLog } from '../../src/log.ts'
import { until } from '../support/gateway.ts'

const root = mkdtempSync(join(tmpdir(), 'tollgate-reload-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(root, 'case-'))
})

/** Counts how often the catalogue is read again, and notes what the file said then. */
function watching(configFile: string): { reloads: () => number; texts: string[] } {
  const texts: string[] = []
  const catalog = {
    reload() {
      texts.push(readFileSync(configFile, 'utf8'))
      return { file: configFile, ignored: [], problems: [] }
    },
    current: { models: [] },
  }
  const config = { configFile, configPlace: configFile, upstreams: {} }
  const app = { ctx: { log: createLog('silent'), config, catalog } } as unknown as App
  onTestFinished(watchCatalog(app))
  return { reloads: () => texts.length, texts }
}

const layouts: Record<string, () => { file: string; change: () => void }> = {
  'a file that is written': () => {
    const file = join(folder, 'tollgate.yaml')
    writeFileSync(file, 'a')
    return { file, change: () => writeFileSync(file, 'changed') }
  },
  'a file that another takes the place of': () => {
    const file = join(folder, 'tollgate.yaml')
    writeFileSync(file, 'a')
    const change = () => {
      writeFileSync(`${file}.new`, 'b')
      renameSync(`${file}.new`, file)
    }
    return { file, change }
  },
  'a link whose target is written': () => {
    const [file, target] = [join(folder, 'tollgate.yaml'), join(root, 'target.yaml')]
    writeFileSync(target, 'a')
    symlinkSync(target, file)
    return { file, change: () => writeFileSync(target, 'changed') }
  },
  'a ConfigMap, whose link in between is swapped': () => {
    const file = join(folder, 'tollgate.yaml')
    for (const version of ['1', '2']) {
      mkdirSync(join(folder, `..${version}`))
      writeFileSync(join(folder, `..${version}`, 'tollgate.yaml'), `version: ${version}`)
    }
    symlinkSync('..1', join(folder, '..data'))
    symlinkSync(join('..data', 'tollgate.yaml'), file)
    const change = () => {
      symlinkSync('..2', join(folder, '..data_tmp'))
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    }
    return { file, change }
  },
  'a link into a ConfigMap elsewhere': () => {
    const elsewhere = mkdtempSync(join(root, 'mount-'))
    for (const version of ['1', '2']) {
      mkdirSync(join(elsewhere, version))
      writeFileSync(join(elsewhere, version, 'tollgate.yaml'), `version: ${version}`)
    }
    symlinkSync('1', join(elsewhere, '..data'))
    const file = join(folder, 'tollgate.yaml')
    symlinkSync(join(elsewhere, '..data', 'tollgate.yaml'), file)
    const change = () => {
      symlinkSync('2', join(elsewhere, '..data_tmp'))
      renameSync(join(elsewhere, '..data_tmp'), join(elsewhere, '..data'))
    }
    return { file, change }
  },
}

describe.each(Object.entries(layouts))('%s', (_, layOut) => {
  test.concurrent('is read again once', async () => {
    const { file, change } = layOut()
    const { reloads } = watching(file)
    change()
    await until(reloads, (count) => count > 0, 30_000)
    writeFileSync(join(folder, 'another-file'), 'a')
    expect(reloads()).toBe(1)
  })
})

test('a file that is written in many steps is read once it is whole, and never while it is empty', async () => {
  const file = join(folder, 'tollgate.yaml')
  writeFileSync(file, 'before')
  const { texts } = watching(file)
  writeFileSync(file, '')
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  expect(texts).toEqual([])
  let steps = 0
  // Timers of one process fire in the order of their times, so that no two looks see the same before the last step.
  const writing = setInterval(() => {
    steps += 1
    appendFileSync(file, '.')
    if (steps === 12) clearInterval(writing)
  }, 100)
  await until(
    () => texts.length,
    (count) => count > 0,
    30_000,
  )
  expect(texts).toEqual(['.'.repeat(12)])
})
