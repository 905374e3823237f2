// What a store that several gateways can use asks of the configuration: nothing of it may lie with one of them.
import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/problems.ts'
import { storeAt } from '../db/store-at.ts'
import { storeForNew } from '../media/stores/blob-stores.ts'
import { keyFileIn } from '../webhooks/signing/sealing.ts'

/** Throws ConfigError with each problem. */
export function requireSharing(config: Config): void {
  const problems = sharingProblems(config)
  if (problems.length > 0) throw new ConfigError(problems)
}

export function sharingProblems(config: Config): string[] {
  const { name, isShared } = storeAt(config.databaseUrl)
  if (!isShared) return []
  return [
    ...(config.sealingKey === null ? [noKey(name, keyFileIn(config.dataDir))] : []),
    ...(storeForNew({ config }) === 'disk' && !config.media.isShared ? [ownDisk(name)] : []),
  ]
}

function noKey(store: string, file: string): string {
  const words = `SEALING_KEY: is missing. ${store} can be served by several gateways, and each needs the same key for the webhook secrets in it.`
  const advice = existsSync(file)
    ? `So far the key was in a file: set SEALING_KEY_FILE=${file}.`
    : 'Make one (openssl rand -base64 32), keep a copy of it apart from the copies of the database, and set SEALING_KEY or SEALING_KEY_FILE.'
  return `${words} ${advice}`
}

const ownDisk = (store: string): string =>
  `media.store: disk keeps results and uploads in DATA_DIR, where no other gateway on ${store} finds them. Use ` +
  'store: s3, or store: none; or, if every gateway has the same folder as its DATA_DIR/media (a network volume, or ' +
  'there is only one gateway), say so: media: { store: disk, shared: true }.'
