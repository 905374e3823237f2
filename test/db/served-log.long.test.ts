// The log of a served store is copied into it all the time: killed or without power, it keeps what was acknowledged.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { newFolder } from '../support/folder.ts'
import { placeFreshFile } from '../support/stores/sqlite-file.ts'
import { root } from '../tidy/tree.ts'
import { filesOf, layDown, onDisk, recording, stepsOf } from '../faults/support/replay.ts'
import { chanceFor, rounds, wholeBetween } from '../faults/support/rounds.ts'
import { whyNoStrace } from '../faults/support/strace.ts'

const pages = 40
const acknowledgedMin = 3_000

/** Returns what was acknowledged before it was killed. */
async function killed(file: string, under: readonly string[], atLeast: number): Promise<Set<string>> {
  const program = join(root, 'test/db/programs/writer.ts')
  const [command, ...words] = [...under, process.execPath, program, file, String(pages)]
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  const exit = once(child, 'exit')
  const ids = new Set<string>()
  for await (const line of createInterface({ input: child.stdout })) {
    ids.add(line)
    if (ids.size === atLeast) process.kill(-Number(child.pid), 'SIGKILL')
  }
  await exit
  return ids
}

function look(file: string) {
  const client = new Sqlite(file)
  try {
    const ids = client.prepare<[], string>('SELECT id FROM accounts').pluck().all()
    return { ids: new Set(ids), damage: client.pragma('integrity_check', { simple: true }) }
  } finally {
    client.close()
  }
}

function newStore() {
  const folder = newFolder()
  const file = join(folder, 'store.db')
  placeFreshFile(file)
  return { folder, file }
}

describe('a log that is copied all the time', () => {
  test.for(rounds)('round %i: killed, it has all that was acknowledged', async (round) => {
    const { file } = newStore()
    const least = wholeBetween(chanceFor('log killed', round), 50, 2_000)
    const acknowledged = await killed(file, [], least)
    const { ids, damage } = look(file)
    expect(damage).toBe('ok')
    expect([...acknowledged].filter((id) => !ids.has(id))).toEqual([])
  })

  test.for(rounds)(
    'round %i: when the power fails, all that was acknowledged was synced',
    async (round, { skip }) => {
      const missing = whyNoStrace()
      skip(missing !== null, missing ?? '')
      const chance = chanceFor('log without power', round)
      const { folder, file } = newStore()
      const before = filesOf(file)
      const prefix = join(folder, 'steps')
      const acknowledged = await killed(file, recording(prefix), acknowledgedMin)
      const steps = stepsOf(prefix, file)
      const copies = steps.filter(({ kind, path }) => kind === 'sync' && path === file).length
      expect(copies, 'the log was copied').toBeGreaterThan(3)
      const cut = (name: string, until: number, arrives: boolean) => {
        layDown(onDisk(before, steps.slice(0, until), arrives ? chance : null), join(folder, name))
        return look(join(folder, name, 'store.db'))
      }
      for (const arrives of [false, true]) {
        const { ids, damage } = cut(`last ${arrives}`, steps.length, arrives)
        expect(damage).toBe('ok')
        expect([...acknowledged].filter((id) => !ids.has(id))).toEqual([])
      }
      for (let at = 0; at < 20; at += 1) {
        const { damage } = cut(`earlier ${at}`, wholeBetween(chance, 0, steps.length), true)
        expect(damage, 'at whatever moment it fails, the store is whole').toBe('ok')
      }
    },
  )
})
