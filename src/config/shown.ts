// The configuration for display: effective values under the operator's names, secrets as their length.
import type { AlertsConfig } from './alerts.ts'
import type { Brand } from './brand.ts'
import type { Config, MediaConfig, ModelConfig } from './config.ts'
import { durationText, sizeText } from './quantities.ts'
import type { UpstreamConfig } from './upstreams.ts'

/** For `config check` and other displays: variables, then the sections of tollgate.yaml. */
export function shownConfig(config: Config) {
  const {
    databaseUrl,
    adminToken,
    webhooks,
    retention,
    privacy,
    network,
    limits,
    surfaces,
    testKeys,
    operators,
    reporting,
  } = config
  return {
    environment: {
      HOST: config.host,
      PORT: config.port,
      // A path is not a secret, and the first thing to check when the wrong database is open.
      DATABASE_URL: databaseUrl.startsWith('file:') ? databaseUrl : masked(databaseUrl),
      DATA_DIR: config.dataDir,
      SEALING_KEY: config.sealingKey === null ? null : masked(config.sealingKey),
      ADMIN_TOKEN: adminToken === null ? null : masked(adminToken),
      PUBLIC_URL: config.publicUrl,
      TOLLGATE_CONFIG: config.configFile,
      CELL: config.cell,
      LOG_LEVEL: config.logLevel,
    },
    upstreams: mapped(config.upstreams, shownUpstream),
    models: config.models && mapped(config.models, shownModel),
    catalog: config.catalog,
    plans: mapped(config.plans, ({ priceTimes, hide }) => ({ price_times: priceTimes, hide })),
    media: shownMedia(config.media),
    webhooks: { timeout: durationText(webhooks.timeoutMs), schedule: webhooks.scheduleMs.map(durationText) },
    retention: {
      tasks: shownRetention(retention.tasksMs),
      deliveries: shownRetention(retention.deliveriesMs),
    },
    privacy: { prompts: privacy.promptsMs === null ? 'keep' : durationText(privacy.promptsMs) },
    network: {
      allow_hosts: network.allowHosts,
      trusted_proxies: network.trustedProxies,
      cors_origins: network.corsOrigins,
    },
    limits: {
      requests_per_minute: limits.requestsPerMinute ?? 'off',
      tasks_in_flight: limits.tasksInFlight ?? 'off',
      unauthenticated_per_minute: limits.unauthenticatedPerMinute ?? 'off',
    },
    surfaces: {
      openai: surfaces.openai && { wait_for: durationText(surfaces.openai.waitForMs) },
      mcp: surfaces.mcp,
      skill: surfaces.skill,
      replicate: surfaces.replicate,
      kie: surfaces.kie,
      keevx: surfaces.keevx,
    },
    test_keys: testKeys ?? false,
    operators: mapped(operators, shownOperator),
    low_balance: config.lowBalance ?? 'off',
    brand: shownBrand(config.brand),
    console: { keys_make_keys: config.console.keysMakeKeys, home: config.console.home },
    alerts: shownAlerts(config.alerts),
    reporting: {
      currency: reporting.currency,
      credit_value: reporting.creditValue,
      time_zone: reporting.timeZone,
    },
  }
}

const shownBrand = ({ name, logo, color, links, footer, notice, buyUrl, buyText }: Brand) => ({
  name,
  logo: logo?.path ?? null,
  color,
  links,
  footer,
  notice: notice && {
    text: notice.text,
    level: notice.level,
    ...(notice.fromMs !== null && { from: new Date(notice.fromMs).toISOString() }),
    ...(notice.untilMs !== null && { to: new Date(notice.untilMs).toISOString() }),
  },
  buy_url: buyUrl,
  buy_text: buyText,
})

const shownOperator = ({ tokenHash, role, refundsUpTo }: Config['operators'][string]) => ({
  token_hash: masked(tokenHash),
  role,
  refunds_up_to: refundsUpTo,
})

function shownAlerts({ language, perHour, receivers, rules }: AlertsConfig) {
  return {
    language,
    per_hour: perHour,
    receivers: Object.fromEntries(
      receivers.map(({ name, type, url, secret, token, chatId, deviceKey, missing }) => [
        name,
        {
          type,
          // Who knows the URL of a chat's webhook may write into the chat.
          ...(url !== null && { url: masked(url) }),
          ...(secret !== null && { secret: masked(secret) }),
          ...(token !== null && { token: masked(token) }),
          ...(chatId !== null && { chat_id: chatId }),
          ...(deviceKey !== null && { device_key: masked(deviceKey) }),
          ...(missing !== null && { missing }),
        },
      ]),
    ),
    rules: mapped({ ...rules }, (rule) => (rule === null ? false : shownRule({ ...rule }))),
  }
}

/** Times and sizes as the file has them. */
function shownRule(rule: Readonly<Record<string, unknown>>) {
  const words = Object.entries(rule).flatMap(([key, value]): [string, unknown][] => {
    if (value === null) return []
    if (key === 'afterMs' || key === 'aboveMs' || key === 'withinMs') {
      return [[key.slice(0, -'Ms'.length), durationText(Number(value))]]
    }
    if (key === 'atHour') return [['at', value]]
    if (key === 'belowBytes') return [['below', sizeText(Number(value))]]
    if (key === 'abovePercent') return [['above_percent', value]]
    return [[key === 'endedMin' ? 'ended_at_least' : key, value]]
  })
  return Object.fromEntries(words)
}

const shownRetention = (ms: number | null) => (ms === null ? 'off' : durationText(ms))

function shownUpstream(upstream: UpstreamConfig) {
  const { adapter, baseUrl, source, keys, pollsOnlyKeys, aliases, submit, image, video } = upstream
  return {
    adapter,
    base_url: baseUrl,
    source,
    api_key: keys.map(masked),
    polls_only: pollsOnlyKeys.map(masked),
    aliases,
    submit: {
      queue_for: durationText(submit.queueForMs),
      timeout: durationText(submit.timeoutMs),
      attempts: submit.attemptsMax,
      after_429: durationText(submit.after429Ms),
      after_5xx: durationText(submit.after5xxMs),
      ambiguous: submit.ambiguous,
      in_flight: submit.inFlight,
    },
    image: shownTrack(image),
    video: shownTrack(video),
  }
}

const shownTrack = ({ pollEveryMs, giveUpAfterMs }: UpstreamConfig['image']) => ({
  poll_every: durationText(pollEveryMs),
  give_up_after: durationText(giveUpAfterMs),
})

function shownModel({ price, compose, ...model }: ModelConfig) {
  const base = 'credits' in price ? { credits: price.credits } : { per_second: price.perSecond }
  const frame = compose?.firstFrame ?? null
  return {
    ...model,
    routes: model.routes.map(shownRoute),
    price: { ...base, times: price.times },
    ...(compose && { compose: frame === null ? 'first_frame' : { first_frame: frame } }),
  }
}

function shownRoute({ cost, ...route }: ModelConfig['routes'][number]) {
  if (!cost) return route
  const base = 'amount' in cost ? { amount: cost.amount } : { per_second: cost.perSecond }
  return { ...route, cost: { ...base, times: cost.times } }
}

function shownMedia({ store, isShared, retentionMs, maxBytes, uploads, s3 }: MediaConfig) {
  return {
    store,
    shared: isShared,
    retention: durationText(retentionMs),
    max_bytes: sizeText(maxBytes),
    uploads: uploads.keptBy,
    uploads_retention: durationText(uploads.retentionMs),
    uploads_max_files: uploads.filesMax,
    uploads_max_bytes: sizeText(uploads.bytesMax),
    ...(s3 && {
      endpoint: s3.endpoint,
      bucket: s3.bucket,
      region: s3.region,
      access_key_id: masked(s3.accessKeyId),
      secret_access_key: masked(s3.secretAccessKey),
      presign: s3.presign,
    }),
  }
}

function mapped<From, To>(values: Readonly<Record<string, From>>, change: (value: From) => To) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))
}

function masked(secret: string): string {
  return `•••• (${secret.length} characters)`
}
