// What a start on a store that several gateways can use refuses, and in which words.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sharingProblems } from '../../src/setup/sharing.ts'
import { loadConfig } from '../../src/config/config.ts'
import { directoryWith } from './workspace.ts'

const key = Buffer.alloc(32, 7).toString('base64')
const shared = 'postgres://u:hush@db.example/shop'
const publicUrl = 'https://gate.example'

interface Start {
  readonly env: Record<string, string>
  readonly yaml?: string
}

const problemsOf = ({ env, yaml = '' }: Start, cwd = directoryWith({ 'tollgate.yaml': yaml })) =>
  sharingProblems(loadConfig({ env, cwd }))

test('without a sealing key a start on PostgreSQL is refused, with how to make one', () => {
  const [problem, ...rest] = problemsOf({ env: { DATABASE_URL: shared } })
  expect(rest).toEqual([])
  expect(problem).toMatch(
    /^SEALING_KEY: is missing\. db\.example\/shop .*openssl rand -base64 32.*SEALING_KEY_FILE/,
  )
  expect(problem).not.toContain('hush')
})

test('whoever has the key in a file so far is told to name that file', () => {
  const cwd = directoryWith({ 'tollgate.yaml': '' })
  writeFileSync(join(cwd, 'sealing.key'), key)
  const [problem] = problemsOf({ env: { DATABASE_URL: shared, DATA_DIR: '.' } }, cwd)
  expect(problem).toContain(`set SEALING_KEY_FILE=${join(cwd, 'sealing.key')}.`)
})

test('the folder of one gateway keeps no results of a store that others serve, unless it is declared shared', () => {
  const env = { DATABASE_URL: shared, SEALING_KEY: key, PUBLIC_URL: publicUrl }
  expect(problemsOf({ env })).toEqual([
    expect.stringMatching(/^media\.store: disk keeps results and uploads.*store: s3.*shared: true/),
  ])
  for (const media of ['{ store: disk, shared: true }', '{ store: none }'])
    expect(problemsOf({ env, yaml: `media: ${media}` })).toEqual([])
})

test('where nothing is kept, as without PUBLIC_URL, no folder is asked for', () => {
  expect(problemsOf({ env: { DATABASE_URL: shared, SEALING_KEY: key } })).toEqual([])
})

test('a file of SQLite asks for none of it', () => {
  expect(problemsOf({ env: { PUBLIC_URL: publicUrl } })).toEqual([])
})
