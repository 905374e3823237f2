// What the compose file for PostgreSQL promises: names that exist, secrets as files, and a check of each service.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { sharingProblems } from '../../../src/setup/sharing.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { describeEnvironment } from '../../../src/config/environment/environment.ts'
import { directoryWith } from '../../config/workspace.ts'
import { root } from '../../tidy/tree.ts'

const read = (name: string) => readFileSync(join(root, name), 'utf8')

interface Service {
  readonly image: string
  readonly environment?: Readonly<Record<string, string>>
  readonly secrets?: readonly string[]
  readonly configs?: readonly { readonly source: string; readonly target: string }[]
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly depends_on?: unknown
  readonly restart?: string
  readonly healthcheck?: { readonly test: readonly string[] }
}

const compose = parse(read('compose.postgres.yaml'), { merge: true }) as {
  services: Record<string, Service>
  secrets: Record<string, { file: string }>
  configs: Record<string, { file: string }>
  volumes: Record<string, unknown>
  networks: { default: { ipam: { config: { subnet: string }[] } } }
}
const { services } = compose
const gateways = ['gateway-1', 'gateway-2'].map((name) => services[name] as Service)
const servers = Object.entries(services).filter(([name]) => name !== 'bucket')

describe('compose.postgres.yaml', () => {
  test('names only variables that a gateway has, and secrets as files alone', () => {
    const known = describeEnvironment()
    const names = known.map(({ name }) => name)
    for (const { environment = {}, secrets = [] } of gateways) {
      for (const [variable, value] of Object.entries(environment)) {
        const name = variable.replace(/_FILE$/, '')
        expect(names).toContain(name)
        const isSecret = known.some((each) => each.name === name && each.secret)
        // The id of the bucket's key is no secret.
        if (!isSecret || name === 'S3_ACCESS_KEY_ID') continue
        expect(variable).toBe(`${name}_FILE`)
        expect(value).toBe(`/run/secrets/${name.toLowerCase()}`)
        expect(secrets).toContain(name.toLowerCase())
      }
    }
  })

  test('declares every secret, configuration and volume that a service names, and says how secrets are made', () => {
    const text = read('compose.postgres.yaml')
    for (const { secrets = [], configs = [], volumes = [] } of Object.values(services)) {
      for (const name of secrets) {
        expect(compose.secrets[name]).toEqual({ file: `./secrets/${name}` })
        expect(text).toMatch(new RegExp(`^#.*> ${name.replace('.', '\\.')}( |$)`, 'm'))
      }
      for (const { source } of configs)
        expect(existsSync(join(root, compose.configs[source]?.file ?? ''))).toBe(true)
      for (const volume of volumes) expect(compose.volumes).toHaveProperty(volume.split(':')[0] ?? '')
    }
  })

  test('each server comes back by itself and is asked whether it lives', () => {
    for (const [name, { restart, healthcheck }] of servers) {
      expect(restart, name).toBe('unless-stopped')
      // The image of a gateway has its own.
      if (!name.startsWith('gateway')) expect(healthcheck?.test[0], name).toBe('CMD')
    }
    const [database, files] = [services['database'], services['files']]
    expect(database?.healthcheck?.test).toContain('pg_isready')
    expect(files?.healthcheck?.test.join(' ')).toContain('8333')
  })

  test('gateways are alike but for their folders, have no rights, and wait for what they need', () => {
    const [one, two] = gateways.map(({ volumes, ...rest }) => ({ volumes, rest: { ...rest, ports: [] } }))
    expect(one?.rest).toEqual(two?.rest)
    expect(one?.volumes).not.toEqual(two?.volumes)
    expect(one?.rest).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      stop_grace_period: '45s',
      depends_on: {
        database: { condition: 'service_healthy' },
        bucket: { condition: 'service_completed_successfully' },
      },
    })
  })

  test('only the proxy is reached from outside', () => {
    const open = Object.entries(services).filter(([, { ports = [] }]) =>
      ports.some((port) => !port.startsWith('127.0.0.1:')),
    )
    expect(open.map(([name]) => name)).toEqual(['caddy'])
  })

  test('a gateway takes its configuration, and believes the network of the proxy', () => {
    const cwd = directoryWith({ 'tollgate.yaml': read('deploy/gateways.yaml') })
    const key = Buffer.alloc(32, 1).toString('base64')
    const config = loadConfig({
      cwd,
      env: {
        DATABASE_URL: 'postgres://tollgate:x@database:5432/tollgate',
        SEALING_KEY: key,
        PUBLIC_URL: 'https://api.example.com',
        S3_ACCESS_KEY_ID: 'tollgate',
        S3_SECRET_ACCESS_KEY: 'x',
      },
    })
    expect(sharingProblems(config)).toEqual([])
    expect(config.network.trustedProxies).toEqual([compose.networks.default.ipam.config[0]?.subnet])
    expect(config.media).toMatchObject({
      store: 's3',
      s3: { endpoint: 'http://files:8333', bucket: 'results' },
    })
  })
})
