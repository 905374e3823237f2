// Each command that reads the configuration refuses one that leaves open tasks behind, with exit code 78, unless that is meant.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fingerprintOf } from '../../src/upstream/keys/key-mark.ts'
import { until } from '../support/gateway.ts'
import { accepted, openScene } from '../tasks/callback-scene.ts'
import { cleanUpAfterwards, start, tollgate } from './command.ts'

cleanUpAfterwards()

const yaml = 'upstreams: { keevx: { base_url: "http://127.0.0.1:9/v1" } }\nmedia: { store: none }\n'

/** Eight processes start one after another. */
const timeout = 180_000

test(
  'config check, models check, doctor and serve name five open tasks of a key that was replaced',
  { timeout },
  async () => {
    const scene = await openScene({ yaml, upstreamKeys: 'old-key' })
    await scene.ordered(5, accepted('u1', 'u2', 'u3', 'u4', 'u5'))
    const { folder } = scene
    writeFileSync(join(folder, 'next.yaml'), yaml)
    const env = { KEEVX_API_KEY: 'new-key' }
    const words = `5 open tasks name upstream keevx (key ${fingerprintOf('old-key')}), which is not configured`
    for (const line of ['config check', 'models check next.yaml', 'serve --sandbox']) {
      const { code, stderr } = await tollgate(folder, line.split(' '), { env })
      expect([line, code]).toEqual([line, 78])
      expect(stderr).toContain(words)
      expect(stderr).toContain('--orphan')
      expect(stderr).not.toMatch(/old-key|new-key/)
    }
    expect((await tollgate(folder, ['doctor', '--json'], { env })).json.findings).toContainEqual({
      check: 'open tasks',
      state: 'wrong',
      words: expect.stringContaining(words),
    })
    const kept = { ...env, KEEVX_API_KEY_POLLS_ONLY: 'old-key' }
    expect((await tollgate(folder, ['config', 'check'], { env: kept })).code).toBe(0)
    expect((await tollgate(folder, ['config', 'check', '--orphan'], { env })).code).toBe(0)
    const gateway = start(folder, ['serve', '--orphan'], { env })
    await until(gateway.stderr, (text) => text.includes('listens on'))
    gateway.kill('SIGTERM')
    const { code, stdout } = await gateway.ended
    expect(code).toBe(0)
    expect(stdout).toContain(words)
  },
)
