// A move that is killed at any step: neither store can be taken for what it is not, and the move goes on.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { moveStore } from '../../../src/app/move/move-store.ts'
import { storeAt } from '../../../src/db/store-at.ts'
import { until } from '../../support/gateway.ts'
import { dialects } from '../../support/test-store.ts'
import { everythingIn, filledFile } from './filled.ts'

const program = fileURLToPath(new URL('../../cli/programs/move-until.ts', import.meta.url))

const move = async (from: string, to: string) =>
  await moveStore({ from: storeAt(from), to: storeAt(to), sliceRows: 20 })

async function killedAt(step: string, from: string, to: string): Promise<void> {
  const child = spawn(process.execPath, [program, from, to, ...step.split(' ')], { stdio: 'ignore' })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect(signal, `it was killed at ${step}`).toBe('SIGKILL')
  // A server notices a moment later that its client is gone.
  for (const url of [from, to]) {
    await until(
      async () => (await storeAt(url).exists()) && (await storeAt(url).isServed()),
      (isServed) => !isServed,
    )
  }
}

const opened = async (url: string): Promise<string> => {
  try {
    const db = await storeAt(url).open({ onFatal: () => undefined })
    await db.close()
    return 'opened'
  } catch (error) {
    return (error as Error).message
  }
}

const steps = ['begun', 'copying 9', 'copying 30', 'copied', 'comparing 20', 'audited', 'marked']

const [sqlite, other = sqlite] = dialects
const pairs = [
  { from: sqlite, to: other },
  { from: other, to: sqlite },
].map(({ from, to }) => ({ from, to, name: `${from?.name} to ${to?.name}` }))

describe.each(pairs)('$name', ({ from, to }) => {
  test.each(steps)('killed at %s', async (step) => {
    const file = `file:${filledFile()}`
    const source = from === sqlite ? file : (from?.newUrl() ?? '')
    if (source !== file) await move(file, source)
    const target = to?.newUrl() ?? ''
    const before = await everythingIn(source)
    await killedAt(step, source, target)

    expect(await opened(target)).toContain(`has begun to move ${storeAt(source).name} into it`)
    expect(await opened(source)).toContain(step === 'marked' ? 'was moved to' : 'opened')
    expect(await storeAt(target).examine(), 'it has all its guards').toEqual({
      schema: 'current',
      damage: [],
    })

    expect(await move(source, target)).toMatchObject({ resumed: true })
    expect(await everythingIn(target)).toEqual(before)
    expect([await opened(target), await opened(source)]).toEqual([
      'opened',
      expect.stringContaining('was moved to'),
    ])
  })

  test('killed before anything is written, the move begins anew, and both can still be opened', async () => {
    const file = `file:${filledFile()}`
    const source = from === sqlite ? file : (from?.newUrl() ?? '')
    if (source !== file) await move(file, source)
    const target = to?.newUrl() ?? ''
    await killedAt('checked', source, target)
    expect([await storeAt(target).exists(), await opened(source)]).toEqual([false, 'opened'])
    expect(await move(source, target)).toMatchObject({ resumed: false })
  })
})
