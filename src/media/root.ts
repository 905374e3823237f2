// The media folder of this configuration: see volume/root.
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import type { MediaRoot } from '../context.ts'
import { storeForNew } from './stores/blob-stores.ts'
import { createMediaRoot } from './volume/root.ts'

export const mediaRootOf = (config: Config): MediaRoot =>
  createMediaRoot({
    path: join(config.dataDir, 'media'),
    holds: storeForNew({ config }) === 'disk' ? 'results' : 'uploads',
  })
