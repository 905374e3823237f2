// A log that nobody reads stops neither the gateway nor its end.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, adminToken, cleanUpAfterwards, newFolder, serving, start } from '../cli/command.ts'
import { root } from '../tidy/tree.ts'

cleanUpAfterwards()

test('whoever reads the log goes away: it serves on, and ends when told to', async () => {
  const gateway = await serving(newFolder(), ['serve', '--sandbox'], { env: { LOG_LEVEL: 'debug' } })
  gateway.child.stdout?.destroy()
  for (let at = 0; at < 50; at += 1) {
    const { code } = await ask(`${gateway.url}/admin/v1/accounts`, adminToken, { name: `a${at}` })
    expect(code).toBe(200)
  }
  gateway.kill('SIGTERM')
  expect((await gateway.ended).code).toBe(0)
})

test('whoever reads the log is far behind: it serves on, and ends when told to', async () => {
  const gateway = await serving(newFolder(), ['serve', '--sandbox'], { env: { LOG_LEVEL: 'debug' } })
  gateway.child.stdout?.pause()
  const longName = 'n'.repeat(100)
  for (let at = 0; at < 2_000; at += 1) await ask(`${gateway.url}/admin/v1/${longName}`, adminToken)
  expect((await ask(`${gateway.url}/admin/v1/accounts`, adminToken)).code).toBe(200)
  gateway.kill('SIGTERM')
  await new Promise((resolve) => gateway.child.once('exit', resolve))
  expect(gateway.child.exitCode).toBe(0)
}, 30_000)

test('a pipe that nobody reads at all holds up nothing, and neither does its end', async () => {
  const program = join(root, 'test/faults/programs/noisy.ts')
  const noisy = start(newFolder(), [], { program })
  noisy.child.stdout?.pause()
  await new Promise((resolve) => noisy.child.once('exit', resolve))
  expect(noisy.child.exitCode).toBe(0)
  expect(noisy.stderr()).toBe('not held up\n')
}, 30_000)
