// Starts the sandbox Keevx and points a configuration at it.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Config } from '../config/config.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox, SandboxOptions } from '../../sandbox/sandbox.ts'
import type { StartTestUpstream } from '../app/test-keys/gateway.ts'
import { say } from './output/exit.ts'
import { sandboxPlace } from '../upstream/keys/key-mark.ts'

/** The sandbox makes results within seconds, so polling every ten would only add waiting. */
const pollEveryMs = 500

export async function startSandboxFor(
  config: Config,
  options: SandboxOptions = {},
): Promise<{ sandbox: Sandbox; sandboxConfig: Config }> {
  const sandbox = await startSandbox({ ...options, apiKey, drills: true })
  const sandboxConfig = {
    ...sandboxed(config, sandbox.baseUrl),
    callbackOrigin: loopbackOrigin(config),
  }
  return { sandbox, sandboxConfig }
}

/** It shares the process with real orders: files beyond this are drawn again, uploads beyond it are gone. */
const keptBytesMax = 32 * 1024 * 1024

/** Enough for many thousand tasks; without it the heap would grow as if the process were its own. */
const resourceLimits = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8 }

/** Behind test keys: in a thread of its own, because drawing takes up to a tenth of a second of a core. */
export const startTestUpstream: StartTestUpstream = async (config) => {
  const workerData: SandboxOptions = { apiKey, drills: true, keptBytesMax }
  const thread = new Worker(new URL('./sandbox-thread.ts', import.meta.url), {
    workerData,
    name: 'sandbox',
    resourceLimits,
  })
  const [baseUrl] = (await once(thread, 'message')) as [string]
  // Without it, orders wait and are refunded at their limit; an error of a thread that nobody hears ends the process.
  thread.on('error', (error) => say(`The sandbox behind test keys ended: ${String(error)}`))
  return {
    config: { ...sandboxed(config, baseUrl), callbackOrigin: loopbackOrigin(config) },
    close: async () => void (await thread.terminate()),
  }
}

const apiKey = 'sandbox-key'

/** Replaces every upstream by the sandbox. */
export function sandboxed(config: Config, baseUrl: string): Config {
  const upstreams = Object.entries(config.upstreams).map(
    ([name, upstream]) =>
      [
        name,
        {
          ...upstream,
          baseUrl,
          source: 'skill',
          keys: [apiKey],
          pollsOnlyKeys: [],
          place: sandboxPlace,
          image: { ...upstream.image, pollEveryMs: Math.min(upstream.image.pollEveryMs, pollEveryMs) },
          video: { ...upstream.video, pollEveryMs: Math.min(upstream.video.pollEveryMs, pollEveryMs) },
        },
      ] as const,
  )
  return { ...config, upstreams: Object.fromEntries(upstreams) }
}

/** The sandbox calls back on this machine only, and only a port known in advance can be given to it. */
function loopbackOrigin({ host, port }: Config): string | null {
  const isHere = ['127.0.0.1', 'localhost', '0.0.0.0', '::'].includes(host)
  return isHere && port !== 0 ? `http://127.0.0.1:${port}` : null
}
