// The sandbox behind test keys is a process of its own: it ends with the gateway, and is started again if it ends alone.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startTestUpstream } from '../../src/cli/test-upstream.ts'
import { loadConfig } from '../../src/config/config.ts'
import { createLog } from '../../src/log.ts'
import { newFolder } from '../support/folder.ts'
import { until } from '../support/gateway.ts'

const children = () =>
  readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sandbox-process'))
    .map(Number)

test.skipIf(process.platform !== 'linux')(
  'a sandbox that ends by itself is there again at its address, and told of',
  async () => {
    const lines: string[] = []
    const config = loadConfig({ cwd: newFolder(), env: { KEEVX_API_KEY: 'k' } })
    const upstream = await startTestUpstream(
      config,
      createLog('error', { write: (line) => void lines.push(line) }),
    )
    try {
      const { baseUrl = '' } = Object.values(upstream.config.upstreams)[0] ?? {}
      const answers = async () =>
        await fetch(`${baseUrl}/v1/none`).then(
          ({ status }) => status,
          () => null,
        )
      expect(await answers()).toBe(404)
      const [pid = 0] = children()
      process.kill(pid, 'SIGKILL')
      await until(children, (all) => all.length === 1 && all[0] !== pid)
      expect(await until(answers, (status) => status !== null)).toBe(404)
      expect(lines.join('')).toContain('the sandbox behind test keys ended')
    } finally {
      await upstream.close()
    }
    expect(children()).toEqual([])
  },
)
