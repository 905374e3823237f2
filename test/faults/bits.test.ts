// One bit of the store flips while nobody looks: the doctor finds it, wherever money, state or owners may be touched.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { tollgate } from '../cli/command.ts'
import { readFile } from '../support/stores/sqlite-file.ts'
import { startLoad } from './support/clients.ts'
import { checkInvariants } from './support/invariants.ts'
import { chanceFor, rounds, wholeBetween } from './support/rounds.ts'
import { endScenesAfterwards, openScene, start, storeOf } from './support/scene.ts'
import type { Scene } from './support/scene.ts'

endScenesAfterwards()

/** A prompt, a time or a name may be changed by a bit that nothing can tell from the right one; none of these may. */
const whatCounts = [
  'SELECT id, status, balance, tasks_open FROM accounts',
  'SELECT id, account_id, hash FROM keys',
  'SELECT id, account_id, state FROM requests',
  `SELECT id, substr(order_json, instr(order_json, '"count":'), 10) FROM requests`,
  'SELECT id, request_id, number, state FROM attempts',
  'SELECT id, request_id, account_id, state, credits, credits_refunded, upstream_task_id FROM tasks',
  'SELECT id, account_id, kind, amount, balance_after, task_id FROM entries',
]
/** Each from another part of the file. */
const whereIdsAre = [
  'SELECT id FROM tasks NOT INDEXED',
  'SELECT id FROM tasks INDEXED BY tasks_account',
  'SELECT task_id FROM entries NOT INDEXED',
]
const pageBytes = 4096
const flipsPerRound = 2

describe('a flipped bit', () => {
  let scene: Scene
  let bytes: Buffer
  let whole: string
  let ids: string

  beforeAll(async () => {
    scene = await openScene()
    const gateway = await start(scene)
    const load = startLoad(scene, gateway, { chance: chanceFor('bits', 0) })
    await load.reached(40)
    await load.stop()
    await checkInvariants(scene, gateway)
    await gateway.stop()
    bytes = readFileSync(storeOf(scene))
    whole = whatIsThere(storeOf(scene))
    ids = answersOf(storeOf(scene), whereIdsAre)
  })

  test('the whole store is found whole', async () => {
    expect((await examine('whole', null)).ok).toBe(true)
  })

  test.for(rounds)('round %i: in the head of a page it is found', async (round) => {
    const chance = chanceFor('head of a page', round)
    const page = wholeBetween(chance, 1, bytes.length / pageBytes - 1)
    const { ok, findings, env } = await examine(
      `head-${round}`,
      page * pageBytes * 8 + wholeBetween(chance, 0, 7),
    )
    const words = findings.map((finding: any) => `${finding.state} ${finding.check}`)
    expect(words).toContain('wrong store')
    expect(ok).toBe(false)
    const copy = join(scene.folder, `backup-${round}`)
    const { code } = await tollgate(scene.folder, ['backup', copy], { env })
    // A page that held nothing, or what the tables know too, is made anew.
    if (code === 0) expect(whatIsThere(copy), 'the backup of a damaged store').toBe(whole)
    else expect(existsSync(copy)).toBe(false)
  })

  test.for(rounds)(
    'round %i: in the id of a task it is found, in whichever table or index',
    async (round) => {
      const chance = chanceFor('id of a task', round)
      const tasks = [...scene.orders.values()].flatMap(({ taskIds }) => taskIds)
      const id = tasks[wholeBetween(chance, 0, tasks.length - 1)] ?? ''
      const places = placesOf(id, round)
      expect(places.length).toBeGreaterThanOrEqual(whereIdsAre.length)
      const place = places[wholeBetween(chance, 0, places.length - 1)] ?? 0
      const { findings } = await examine(`id-${round}`, place)
      expect(findings).toContainEqual(expect.objectContaining({ check: 'store', state: 'wrong' }))
    },
  )

  test.for(rounds)('round %i: anywhere, it is found or touches nothing that counts', async (round) => {
    const chance = chanceFor('anywhere', round)
    const [found, changed]: [string[], string[]] = [[], []]
    for (let flip = 0; flip < flipsPerRound; flip += 1) {
      const at = wholeBetween(chance, 0, bytes.length * 8 - 1)
      const { ok, file } = await examine(`${round}-${flip}`, at)
      found.push(ok ? 'harmless' : 'found')
      if (ok && whatIsThere(file) !== whole) changed.push(`bit ${at} of ${bytes.length * 8}`)
    }
    expect(changed, 'what counts is another, and the doctor is content').toEqual([])
    console.log(`round ${round}: ${found.join(', ')}`)
  })

  /** The last bit of an id in each of these; its other places are remains that pages have left behind. */
  function placesOf(id: string, round: number): number[] {
    const places: number[] = []
    for (let at = bytes.indexOf(id); at !== -1; at = bytes.indexOf(id, at + 1)) {
      const bit = (at + id.length - 1) * 8
      if (answersOf(flipped(`remains-${round}-${at}`, bit), whereIdsAre) !== ids) places.push(bit)
    }
    return places
  }

  /** A copy in which this bit is another. */
  function flipped(name: string, at: number | null): string {
    const copy = Buffer.from(bytes)
    if (at !== null) copy.writeUInt8(copy.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3)
    const folder = join(scene.folder, name)
    mkdirSync(folder, { recursive: true })
    const file = join(folder, 'tollgate.db')
    writeFileSync(file, copy)
    return file
  }

  /** What the doctor says of it. */
  async function examine(name: string, at: number | null) {
    const file = flipped(name, at)
    const env = { ...scene.env, DATA_DIR: dirname(file) }
    const { json, stderr } = await tollgate(scene.folder, ['doctor', '--json'], { env })
    if (json === undefined) throw new Error(`the doctor fell silent: ${stderr}`)
    return { ok: json.ok as boolean, findings: json.findings, file, env }
  }
})

/** By the rows of the tables, whatever their indexes say. */
function whatIsThere(file: string): string {
  return answersOf(
    file,
    whatCounts.map((query) => `${query} NOT INDEXED ORDER BY 1`),
  )
}

function answersOf(file: string, queries: readonly string[]): string {
  return readFile(file, (client) => JSON.stringify(queries.map((query) => client.prepare(query).all())))
}
