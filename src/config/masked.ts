// The configuration as it may be shown: everything as it is in force, secrets only by their length.
import type { Config } from './config.ts'

/** For `config check` and the console: the same shape, no secret in it. */
export function maskedConfig(config: Config): Config {
  const upstreams = Object.entries(config.upstreams).map(([name, upstream]) => {
    const { keys, pollsOnlyKeys } = upstream
    const hidden = { keys: keys.map(masked), pollsOnlyKeys: pollsOnlyKeys.map(masked) }
    return [name, { ...upstream, ...hidden }] as const
  })
  return {
    ...config,
    // A path is no secret, and the first thing to look at when the wrong database is open.
    databaseUrl: config.databaseUrl.startsWith('file:') ? config.databaseUrl : masked(config.databaseUrl),
    adminToken: config.adminToken === null ? null : masked(config.adminToken),
    upstreams: Object.fromEntries(upstreams),
    media: { ...config.media, s3: maskedS3(config.media.s3) },
  }
}

function maskedS3(s3: Config['media']['s3']): Config['media']['s3'] {
  return s3 && { ...s3, accessKeyId: masked(s3.accessKeyId), secretAccessKey: masked(s3.secretAccessKey) }
}

function masked(secret: string): string {
  return `•••• (${secret.length} characters)`
}
