// Operator endpoints: the gateway that answers, and the configuration that is in force.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { shownConfigInForce, systemOf } from '../../setup/system.ts'
import type { Routes } from '../route.ts'
import { sample, seconds } from '../v1/fields.ts'
import { secondsOf, secondsOrNull } from '../views.ts'

const bytes = z.int().nonnegative()

const systemAnswer = z
  .object({
    version: z.string(),
    node: z.string().meta({ description: 'The version of Node.js.' }),
    host: z.string().meta({ description: 'The machine of the gateway that answered.' }),
    pid: z.int(),
    started_at: seconds,
    memory_bytes: bytes,
    instances: z.int().meta({ description: 'How many gateways serve this store.' }),
    database: z.object({
      name: z.string().meta({ description: 'The path of its file, or its address; never a password.' }),
      kind: z.enum(['file', 'server']),
      bytes: bytes.nullable(),
      copied_at: seconds.nullable().meta({
        description: 'When `tollgate backup` last copied it. Null: never, or other tools do.',
      }),
    }),
    disks: z.array(z.object({ folder: z.string(), free_bytes: bytes, bytes })),
    findings: z.array(
      z.object({ check: z.string(), state: z.enum(['ok', 'warning', 'wrong']), words: z.string() }),
    ),
  })
  .meta({ id: 'System' })

const settings = z.record(z.string(), z.unknown())
const named = z.record(z.string(), settings)

/** A section that is missing here would be missing in the answer; a test compares them. */
const configAnswer = z
  .object({
    environment: settings,
    upstreams: named,
    models: named.nullable().meta({ description: 'Null: the built-in catalogue.' }),
    catalog: z.string(),
    plans: named,
    media: settings,
    webhooks: settings,
    retention: settings,
    privacy: settings,
    network: settings,
    limits: settings,
    surfaces: settings,
    test_keys: z.union([settings, z.boolean()]),
    operators: named,
    low_balance: z.union([z.int(), z.string()]),
    brand: settings,
    console: settings,
    alerts: z.object({
      language: z.string(),
      per_hour: z.int(),
      receivers: named,
      rules: z
        .record(z.string(), z.union([settings, z.literal(false)]))
        .meta({ description: 'Each with its settings; `false`: it is switched off.' }),
    }),
    reporting: settings,
  })
  .meta({ id: 'ConfigInForce' })

/** Made up: the document is open to whoever reaches it. */
const configExample = {
  environment: { PORT: 8787, DATABASE_URL: 'file:data/tollgate.db', ADMIN_TOKEN: '(64 characters)' },
  upstreams: { keevx: { adapter: 'keevx', api_key: ['(32 characters)'] } },
  models: null,
  catalog: 'open-api',
  plans: {},
  media: { store: 'disk' },
  webhooks: { timeout: '10s' },
  retention: { tasks: 'off' },
  privacy: { prompts: 'keep' },
  network: { allow_hosts: [] },
  limits: { requests_per_minute: 600 },
  surfaces: { mcp: true },
  test_keys: false,
  operators: {},
  low_balance: 'off',
  brand: { name: null },
  console: { keys_make_keys: false },
  alerts: { language: 'en', per_hour: 20, receivers: {}, rules: { disk: { below: '2GB' } } },
  reporting: { currency: 'USD' },
}

export function addSystemRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/system',
    operationId: 'getSystem',
    tag: 'Operation',
    summary: 'System',
    description:
      'The gateway that answers: its version, store, disks and newest copy, and what `tollgate doctor` would say of its configuration without asking anybody.',
    answer: systemAnswer,
    answerExample: () => ({
      version: '0.1.0',
      node: '24.0.0',
      host: 'gateway-1',
      pid: 1,
      started_at: sample.createdAt,
      memory_bytes: 140_000_000,
      instances: 1,
      database: {
        name: '/data/tollgate.db',
        kind: 'file' as const,
        bytes: 12_000_000,
        copied_at: sample.createdAt,
      },
      disks: [{ folder: '/data', free_bytes: 70_000_000_000, bytes: 270_000_000_000 }],
      findings: [{ check: 'operator API', state: 'ok' as const, words: 'on' }],
    }),
    async run() {
      const { startedAtMs, memoryBytes, database, disks, ...system } = await systemOf(ctx)
      const { copiedAtMs, ...store } = database
      return {
        ...system,
        started_at: secondsOf(startedAtMs),
        memory_bytes: memoryBytes,
        instances: ctx.instances.standing().count,
        database: { ...store, copied_at: secondsOrNull(copiedAtMs) },
        disks: disks.map(({ folder, freeBytes, bytes: all }) => ({
          folder,
          free_bytes: freeBytes,
          bytes: all,
        })),
        findings: [...system.findings],
      }
    },
  })

  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/config',
    operationId: 'getConfig',
    tag: 'Operation',
    summary: 'Configuration in Force',
    description:
      'As `tollgate config check` shows it: variables, then the sections of tollgate.yaml with their defaults; secrets are masked. Models, plans and brand are those of the last reload.',
    answer: configAnswer,
    answerExample: () => configExample,
    run: async () => shownConfigInForce(ctx),
  })
}
