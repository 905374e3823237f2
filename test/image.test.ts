// What the image and the compose file promise to whoever runs them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import { environmentOf, healthCommandOf, readDockerfile, valuesOf, wordsOf } from './image/dockerfile.ts'
import { root } from './tidy/tree.ts'

const read = (name: string) => readFileSync(join(root, name), 'utf8')

describe('the Dockerfile', () => {
  const stages = readDockerfile(read('Dockerfile'))
  const [build, final] = stages
  if (!build || !final) throw new Error('the Dockerfile has too few stages')

  test('is made of slim images of the Node that package.json asks for', () => {
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } }
    const major = /\d+/.exec(engines.node)?.[0]
    expect(stages.map(({ from }) => from)).toEqual([`node:${major}-slim`, `node:${major}-slim`])
  })

  test('installs exactly what is locked, runs no scripts of others, and builds', () => {
    expect(valuesOf(build, 'RUN')).toEqual(['npm ci --ignore-scripts', 'npm run -s build'])
    expect(valuesOf(build, 'COPY')[0]).toContain('package-lock.json')
  })

  test('holds what runs and nothing else', () => {
    expect(valuesOf(final, 'COPY')).toEqual(['--from=build /app/dist .'])
    expect(stages.flatMap((stage) => valuesOf(stage, 'ADD'))).toEqual([])
  })

  test('runs as a user of no rights, after everything that needs them', () => {
    expect(valuesOf(final, 'USER')).toEqual(['node'])
    const instructions = final.steps.map(({ instruction }) => instruction)
    expect(instructions.lastIndexOf('RUN')).toBeLessThan(instructions.indexOf('USER'))
    expect(instructions.lastIndexOf('COPY')).toBeLessThan(instructions.indexOf('USER'))
  })

  test('writes to its one volume alone and listens to the outside', () => {
    expect(valuesOf(final, 'VOLUME')).toEqual(['/data'])
    expect(environmentOf(final)).toEqual({
      NODE_ENV: 'production',
      HOST: '0.0.0.0',
      PORT: '8787',
      DATA_DIR: '/data',
    })
    expect(valuesOf(final, 'EXPOSE')).toEqual(['8787'])
  })

  test('starts node itself, so that signals reach it, and asks it whether it lives', () => {
    const [entry = '', command = ''] = [...valuesOf(final, 'ENTRYPOINT'), ...valuesOf(final, 'CMD')]
    // With the same bounds on memory as from a checkout.
    const { scripts } = JSON.parse(read('package.json')) as { scripts: { start: string } }
    const fromCheckout = scripts.start.replace(/^exec /, '').replace('src/main.ts', 'program/main.js')
    expect([...wordsOf(entry), ...wordsOf(command)]).toEqual(fromCheckout.split(' '))
    expect(healthCommandOf(final).slice(0, 2)).toEqual(['node', '-e'])
    expect(healthCommandOf(final)[2]).toContain('/healthz')
  })

  test('carries no secret', () => {
    expect(read('Dockerfile')).not.toMatch(/API_KEY|ADMIN_TOKEN|^ARG /m)
    expect(read('.dockerignore').split('\n').slice(1, 2)).toEqual(['*'])
  })
})

interface ComposeService {
  readonly [key: string]: unknown
  readonly environment: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
  readonly ports: readonly string[]
  readonly volumes: readonly string[]
}

describe('compose.yaml', () => {
  const compose = parse(read('compose.yaml')) as {
    services: { tollgate: ComposeService }
    secrets: Record<string, { file: string }>
    volumes: Record<string, unknown>
  }
  const { tollgate } = compose.services

  test('gives the gateway a root that cannot be written and no rights', () => {
    expect(tollgate).toMatchObject({
      read_only: true,
      tmpfs: '/tmp',
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    })
    expect(tollgate).not.toHaveProperty('privileged')
    expect(tollgate).not.toHaveProperty('cap_add')
    expect(tollgate).not.toHaveProperty('user')
  })

  test('keeps rows in a volume that is declared', () => {
    expect(tollgate.volumes).toEqual(['data:/data'])
    expect(Object.keys(compose.volumes)).toEqual(['data'])
  })

  test('hands over secrets as files alone', () => {
    const { environment, secrets } = tollgate
    for (const name of ['KEEVX_API_KEY', 'ADMIN_TOKEN']) {
      expect(environment).not.toHaveProperty(name)
      const secret = name.toLowerCase()
      expect(environment[`${name}_FILE`]).toBe(`/run/secrets/${secret}`)
      expect(secrets).toContain(secret)
      expect(compose.secrets[secret]).toEqual({ file: `./secrets/${secret}` })
    }
  })

  test('comes back by itself and is given the time that a submit may take', () => {
    expect(tollgate['restart']).toBe('unless-stopped')
    expect(tollgate['stop_grace_period']).toBe('45s')
  })

  test('is reached from this machine alone', () => {
    expect(tollgate.ports).toEqual(['127.0.0.1:8787:8787'])
  })
})
