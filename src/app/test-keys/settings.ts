// The configuration of the gateway behind test keys, from that of the gateway in front.
import { join } from 'node:path'
import { embeddedStoreIn } from '../../config/config.ts'
import type { Config } from '../../config/config.ts'
import { testPath } from '../../http/test-keys/divert.ts'

/** A result of the sandbox is looked at, not kept. */
const retentionMaxMs = 24 * 60 * 60_000

/** Of an account: its volume is that of the real store. */
const uploadFilesMax = 100
const uploadBytesMax = 100_000_000

/** Everything that it keeps, whatever DATABASE_URL says. */
export const testFolderOf = ({ dataDir }: Pick<Config, 'dataDir'>): string => join(dataDir, 'test')

/** `url`: where the gateway in front listens. */
export function testSettings(config: Config, url: string): Config {
  const dataDir = testFolderOf(config)
  const { media } = config
  const { port } = new URL(url)
  return {
    ...config,
    port: port === '' ? config.port : Number(port),
    dataDir,
    databaseUrl: embeddedStoreIn(dataDir),
    adminToken: null,
    operators: {},
    sealingKey: null,
    // The sandbox is on loopback, so results are always kept, and shown from an address that there always is.
    publicUrl: `${config.publicUrl ?? url}${testPath}`,
    media: {
      ...media,
      store: 'disk',
      s3: null,
      retentionMs: Math.min(media.retentionMs, retentionMaxMs),
      uploads: {
        ...media.uploads,
        filesMax: Math.min(media.uploads.filesMax, uploadFilesMax),
        bytesMax: Math.min(media.uploads.bytesMax, uploadBytesMax),
      },
    },
    testKeys: null,
    lowBalance: null,
    // Play credits are not sold.
    brand: { ...config.brand, buyUrl: null, buyText: null },
  }
}

/** With the sandbox as every upstream, which calls back to the gateway in front. */
export const withTestCallbacks = (config: Config): Config => ({
  ...config,
  callbackOrigin: config.callbackOrigin === null ? null : `${config.callbackOrigin}${testPath}`,
})
