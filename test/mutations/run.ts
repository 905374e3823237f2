// Takes guards away one at a time and demands that a test misses each: npm run test:mutations [-- --only NAME].
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { copyRepository } from './copy.ts'
import type { Copy } from './copy.ts'
import { allSubjects } from './guard.ts'
import type { Guard } from './guard.ts'
import { runTests } from './tests.ts'
import type { Run } from './tests.ts'

const { values } = parseArgs({
  options: {
    /** A subject, or a part of a guard's name. */
    only: { type: 'string' },
    /** `2/3`: the second of three parts. */
    shard: { type: 'string', default: '1/1' },
    /** So many of the chosen were tried before: to go on where a run was ended. */
    skip: { type: 'string', default: '0' },
    lanes: { type: 'string', default: String(availableParallelism()) },
  },
})

const begun = performance.now()
const chosen = shardOf(await choose(values.only), values.shard).slice(Number(values.skip))
const copies = Array.from({ length: Math.min(Number(values.lanes), chosen.length) }, copyRepository)
try {
  await mustBeGreen([...new Set(chosen.flatMap(({ tests }) => tests))])
  const missed = await tryAll()
  const seconds = Math.round((performance.now() - begun) / 1000)
  console.log(`${chosen.length} guards, ${missed} missed (${seconds} s)`)
  process.exitCode = missed === 0 && chosen.length > 0 ? 0 : 1
} finally {
  for (const copy of copies) copy.remove()
}

async function choose(only: string | undefined): Promise<Guard[]> {
  const subjects = await allSubjects()
  return subjects.flatMap(({ subject, guards }) =>
    guards.filter(({ name }) => only === undefined || subject === only || name.includes(only)),
  )
}

function shardOf(guards: readonly Guard[], shard: string): Guard[] {
  const [part = 1, of = 1] = shard.split('/').map(Number)
  return guards.filter((_guard, at) => at % of === part - 1)
}

/** A test that fails anyhow misses nothing. One that fails on a busy machine gets another try, alone. */
async function mustBeGreen(files: readonly string[]): Promise<void> {
  const parts = copies.map((_copy, at) => files.filter((_file, index) => index % copies.length === at))
  await eachIn(parts, async ({ path }, part) => {
    if (part.length === 0 || (await runTests(path, part, false)).kind === 'green') return
    for (const file of part) {
      const run = await runTests(path, [file], false)
      const again = run.kind === 'green' ? run : await runTests(path, [file], false)
      if (again.kind !== 'green')
        throw new Error(`${file} is red with every guard in place: ${JSON.stringify(again)}`)
    }
  })
  console.log(`${files.length} test files are green with every guard in place`)
}

async function tryAll(): Promise<number> {
  let missed = 0
  await eachIn(chosen, async (copy, guard) => {
    const started = performance.now()
    const run = await copy.without(guard, async () => await firstToMiss(copy, guard))
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    if (run.kind !== 'red' && run.kind !== 'hung') missed += 1
    console.log(`${wordsOf(run)} (${seconds} s)  ${guard.name}  ${detailOf(run)}`)
  })
  return missed
}

/** One file after another, so that the likeliest test is asked first, and mostly alone. */
async function firstToMiss({ path }: Copy, { tests }: Guard): Promise<Run> {
  let last: Run = { kind: 'green' }
  for (const file of tests) {
    const run = await runTests(path, [file], true)
    if (run.kind === 'red' || run.kind === 'hung') return run
    if (run.kind === 'broken') last = run
  }
  return last
}

/** One after another in each copy, the copies side by side. */
async function eachIn<Item>(
  items: readonly Item[],
  work: (copy: Copy, item: Item) => Promise<void>,
): Promise<void> {
  const left = items.values()
  await Promise.all(
    copies.map(async (copy) => {
      for (const item of left) await work(copy, item)
    }),
  )
}

function wordsOf({ kind }: Run): string {
  return { red: 'caught', hung: 'caught', green: 'MISSED', broken: 'BROKEN' }[kind]
}

function detailOf(run: Run): string {
  if (run.kind === 'red') return `by "${run.test}"`
  if (run.kind === 'broken') return `what is left does not run: ${run.words}`
  return run.kind === 'hung' ? 'by a test that did not end' : ''
}
