// Starts the sandbox Keevx and points a configuration at it.
import type { Config } from '../config/config.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox, SandboxOptions } from '../../sandbox/sandbox.ts'
import { sandboxPlace } from '../upstream/keys/key-mark.ts'

/** The sandbox makes results within seconds, so polling every ten would only add waiting. */
const pollEveryMs = 500

export async function startSandboxFor(
  config: Config,
  options: SandboxOptions = {},
): Promise<{ sandbox: Sandbox; sandboxConfig: Config }> {
  const sandbox = await startSandbox({ ...options, apiKey: sandboxKey, drills: true })
  const sandboxConfig = {
    ...sandboxed(config, sandbox.baseUrl),
    callbackOrigin: loopbackOrigin(config),
  }
  return { sandbox, sandboxConfig }
}

export const sandboxKey = 'sandbox-key'

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
          keys: [sandboxKey],
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
export function loopbackOrigin({ host, port }: Config): string | null {
  const isHere = ['127.0.0.1', 'localhost', '0.0.0.0', '::'].includes(host)
  return isHere && port !== 0 ? `http://127.0.0.1:${port}` : null
}
