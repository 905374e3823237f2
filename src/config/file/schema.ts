// The schema of tollgate.yaml, with the default of every optional setting.
import { z } from 'zod'

import {
  addressRange,
  autoOr,
  duration,
  durationFrom,
  durationOr,
  filePath,
  flag,
  headerText,
  hostName,
  httpUrl,
  limit,
  name,
  oneOf,
  secretList,
  secretText,
  section,
  size,
  variableName,
  webOrigin,
  wholeNumber,
} from '../fields.ts'
import { alertsSchema } from './alerts-schema.ts'
import { brandSchema } from './brand-schema.ts'
import { eachNameOnce } from './other-names.ts'
import { durationText } from '../quantities.ts'
import { adapters } from '../upstreams.ts'
import { catalogSchema, modelsSchema, plansSchema } from './model-schema.ts'
import { operatorsSchema } from './operators-schema.ts'
import { reportingSchema } from './reporting-schema.ts'
import { surfacesSchema, switched } from './surfaces-schema.ts'

/** More tries against a failing upstream burden it without helping anyone. */
const attemptsMax = 10
/** More submits at once than an upstream's connection pool would ever carry. */
const inFlightMax = 256

const submitSchema = section({
  queue_for: duration().prefault('30m'),
  timeout: duration().prefault('30s'),
  attempts: wholeNumber(1, attemptsMax).prefault(3),
  after_429: duration().prefault('30s'),
  after_5xx: duration().prefault('10s'),
  ambiguous: oneOf(['retry', 'wait']).prefault('retry'),
  in_flight: autoOr(1, inFlightMax).prefault('auto'),
}).transform((submit) => ({
  queueForMs: submit.queue_for,
  timeoutMs: submit.timeout,
  attemptsMax: submit.attempts,
  after429Ms: submit.after_429,
  after5xxMs: submit.after_5xx,
  ambiguous: submit.ambiguous,
  inFlight: submit.in_flight,
}))

function trackSchema(pollEvery: string, giveUpAfter: string) {
  return section({
    poll_every: duration().prefault(pollEvery),
    give_up_after: duration().prefault(giveUpAfter),
  })
    .transform((pollTask) => ({ pollEveryMs: pollTask.poll_every, giveUpAfterMs: pollTask.give_up_after }))
    .refine(
      (pollTask) => pollTask.pollEveryMs <= pollTask.giveUpAfterMs,
      'poll_every must not exceed give_up_after',
    )
    .prefault({})
}

/** At most one of each group may be given. */
const keyPlaces = [
  ['api_key', 'api_key_env', 'api_key_file'],
  ['polls_only', 'polls_only_env', 'polls_only_file'],
] as const

/**
 * Checks across several keys also run if other values are wrong, so that all problems are reported at once.
 */
const always = { when: () => true }

const keevxUrl = 'https://api.keevx.com/v1'

const upstreamSchema = section({
  adapter: oneOf(adapters).prefault('keevx'),
  base_url: httpUrl().optional(),
  source: headerText().prefault('skill'),
  api_key: secretText().optional(),
  api_key_env: variableName().optional(),
  api_key_file: filePath().optional(),
  polls_only: secretList().optional(),
  polls_only_env: variableName().optional(),
  polls_only_file: filePath().optional(),
  aliases: z.array(name()).prefault([]),
  submit: submitSchema.prefault({}),
  image: trackSchema('10s', '20m'),
  video: trackSchema('30s', '40m'),
})
  .superRefine((upstream, context) => {
    if (upstream.adapter === 'openapi' && upstream.base_url === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['base_url'],
        message: 'is missing; adapter: openapi needs it',
      })
    }
    for (const places of keyPlaces) {
      const [, second] = places.filter((place) => upstream[place] !== undefined)
      if (second === undefined) continue
      context.addIssue({ code: 'custom', path: [second], message: `name one of ${places.join(', ')}` })
    }
  }, always)
  .transform(({ adapter, base_url: baseUrl = keevxUrl, source, submit, image, video, aliases, ...keys }) => ({
    adapter,
    baseUrl,
    source,
    submit,
    image,
    video,
    aliases,
    /** The sources of its keys; read once the environment is known. */
    keysFrom: { text: keys.api_key, variable: keys.api_key_env, file: keys.api_key_file },
    pollsOnlyFrom: { text: keys.polls_only, variable: keys.polls_only_env, file: keys.polls_only_file },
  }))
  .prefault({})

/**
 * The built-in catalogue and KEEVX_BASE_URL refer to `keevx`, so it always exists, under that name or as an
 * alias.
 */
const upstreamsSchema = z.preprocess(
  (upstreams = {}) =>
    isPlainMap(upstreams) && !namesIn(upstreams).includes('keevx') ? { ...upstreams, keevx: {} } : upstreams,
  z.record(name(), upstreamSchema).superRefine(eachNameOnce('upstream')),
)

/** The names and aliases in a file's unchecked upstreams section. */
export function namesIn(upstreams: object): string[] {
  return Object.entries(upstreams).flatMap(([upstream, settings]) => [upstream, ...aliasesIn(settings)])
}

/** The aliases of one unchecked upstream. */
export function aliasesIn(settings: unknown): string[] {
  const aliases: unknown = isPlainMap(settings) && 'aliases' in settings ? settings.aliases : []
  return Array.isArray(aliases) ? aliases.filter((alias) => typeof alias === 'string') : []
}

function isPlainMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The limit of one PUT. */
const s3BytesMax = 5_000_000_000

/** Orders wait in our queue before the upstream fetches their images. */
const uploadsRetentionMin = '1h'
/** They are counted at each upload, with an index; 50 000 took 10 ms. */
const uploadsOfAccountMax = 20_000

const bucketKeys = ['endpoint', 'bucket', 'region', 'access_key_id', 'secret_access_key'] as const

const mediaSchema = section({
  store: oneOf(['disk', 's3', 'none']).prefault('disk'),
  shared: flag().prefault(false),
  retention: duration().prefault('30d'),
  max_bytes: size().prefault('2GB'),
  uploads: oneOf(['ours', 'upstream']).prefault('ours'),
  uploads_retention: durationFrom(uploadsRetentionMin).prefault('7d'),
  uploads_max_files: wholeNumber(1, uploadsOfAccountMax).prefault(5_000),
  uploads_max_bytes: size().prefault('5GB'),
  endpoint: httpUrl().optional(),
  bucket: headerText().optional(),
  region: headerText().optional(),
  access_key_id: secretText().optional(),
  secret_access_key: secretText().optional(),
  presign: flag().prefault(false),
})
  .superRefine((media, context) => {
    const named = bucketKeys.filter((key) => media[key] !== undefined)
    if (media.store !== 's3' && named.length === 0) return
    if (media.store === 's3' && media.max_bytes > s3BytesMax) {
      context.addIssue({ code: 'custom', path: ['max_bytes'], message: 'may be 5GB at most with store: s3' })
    }
    const why = media.store === 's3' ? 'store: s3 needs it' : `${named[0]} names a bucket, which needs it`
    for (const key of bucketKeys) {
      if (media[key] !== undefined) continue
      context.addIssue({ code: 'custom', path: [key], message: `is missing; ${why}` })
    }
  }, always)
  .transform((media) => ({
    store: media.store,
    isShared: media.shared,
    retentionMs: media.retention,
    maxBytes: media.max_bytes,
    uploads: {
      keptBy: media.uploads,
      retentionMs: media.uploads_retention,
      filesMax: media.uploads_max_files,
      bytesMax: media.uploads_max_bytes,
    },
    // Even if new files go elsewhere: those in the bucket are still served and removed.
    s3:
      media.endpoint !== undefined
        ? {
            endpoint: media.endpoint,
            bucket: media.bucket ?? '',
            region: media.region ?? '',
            accessKeyId: media.access_key_id ?? '',
            secretAccessKey: media.secret_access_key ?? '',
            presign: media.presign,
          }
        : null,
  }))

const webhooksSchema = section({
  timeout: duration().prefault('15s'),
  schedule: z
    .array(duration())
    .min(1, 'must name at least one pause')
    .prefault(['5s', '5m', '30m', '2h', '5h', '10h', '14h', '20h']),
}).transform((webhooks) => ({ timeoutMs: webhooks.timeout, scheduleMs: webhooks.schedule }))

/** Customers may replay an Idempotency-Key for a day, and view recent orders. */
const retentionMin = '1d'

const retentionSchema = section({
  tasks: durationOr('off', retentionMin).prefault('off'),
  deliveries: durationOr('off', retentionMin).prefault('30d'),
}).transform(({ tasks, deliveries }) => ({ tasksMs: tasks, deliveriesMs: deliveries }))

const privacySchema = section({ prompts: durationOr('keep', retentionMin).prefault('keep') }).transform(
  ({ prompts }) => ({ promptsMs: prompts }),
)

const networkSchema = section({
  allow_hosts: z.array(hostName()).prefault([]),
  trusted_proxies: z.array(addressRange()).prefault([]),
  cors_origins: z.array(webOrigin()).prefault([]),
}).transform((network) => ({
  allowHosts: network.allow_hosts,
  trustedProxies: network.trusted_proxies,
  corsOrigins: network.cors_origins,
}))

const limitsSchema = section({
  requests_per_minute: limit().prefault(600),
  tasks_in_flight: limit().prefault(100),
  unauthenticated_per_minute: limit().prefault(60),
}).transform((limits) => ({
  requestsPerMinute: limits.requests_per_minute,
  tasksInFlight: limits.tasks_in_flight,
  unauthenticatedPerMinute: limits.unauthenticated_per_minute,
}))

/** More than anybody plays with in a day; an account may hold far more. */
const playCreditsMax = 1_000_000_000

const testKeysSchema = switched(section({ credits: wholeNumber(1, playCreditsMax).prefault(1_000) }))

export interface ConsoleConfig {
  /** Whether who has only shown a key may make other keys. */
  readonly keysMakeKeys: boolean
  /** Where `/` leads: to the console, or to a page that strangers may read. */
  readonly home: 'console' | 'public'
}

const consoleSchema = section({
  keys_make_keys: flag().prefault(false),
  home: oneOf(['console', 'public']).prefault('console'),
}).transform(({ keys_make_keys: keysMakeKeys, home }): ConsoleConfig => ({ keysMakeKeys, home }))

export const fileSchema = section({
  upstreams: upstreamsSchema,
  models: modelsSchema,
  catalog: catalogSchema,
  plans: plansSchema,
  media: mediaSchema.prefault({}),
  webhooks: webhooksSchema.prefault({}),
  retention: retentionSchema.prefault({}),
  privacy: privacySchema.prefault({}),
  network: networkSchema.prefault({}),
  limits: limitsSchema.prefault({}),
  surfaces: surfacesSchema.prefault({}),
  test_keys: testKeysSchema,
  operators: operatorsSchema,
  low_balance: limit().prefault('off'),
  brand: brandSchema.prefault({}),
  console: consoleSchema.prefault({}),
  alerts: alertsSchema.prefault({}),
  reporting: reportingSchema.prefault({}),
}).superRefine(({ retention, privacy }, context) => {
  const { tasksMs } = retention
  const { promptsMs } = privacy
  if (tasksMs === null || promptsMs === null || tasksMs >= promptsMs) return
  // An order in a file has no texts where `privacy.prompts` is set, so they would go before their time.
  const message = `must be at least privacy.prompts (${durationText(promptsMs)}): files of archived orders hold no prompts`
  context.addIssue({ code: 'custom', path: ['retention', 'tasks'], message })
})
