// Starts a real proxy by the file that the operator's guide shows, on loopback.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { root } from '../tidy/tree.ts'

export type ProxyName = 'nginx' | 'caddy'

/** The address of the gateway in the guide. */
const gatewayInGuide = '127.0.0.1:8787'

/** Returns the URL of a proxy that passes to the gateway. It is ended with the test. */
export async function startProxy(name: ProxyName, gatewayUrl: string): Promise<string> {
  const block = blockOf(name).replaceAll(gatewayInGuide, new URL(gatewayUrl).host)
  return await startWith(name, (place) =>
    name === 'nginx' ? nginxFile(block, place) : caddyFile(block, { site: 'api.example.com', ...place }),
  )
}

/** Whether this machine has it. */
export const hasCaddy = spawnSync('caddy', ['version']).status === 0

/** Returns the URL of a Caddy with this file, whose one site it serves on loopback. It is ended with the test. */
export async function startCaddy(text: string, site: string): Promise<string> {
  return await startWith('caddy', (place) => caddyFile(text, { site, ...place }))
}

interface Place {
  readonly port: number
  readonly folder: string
}

async function startWith(name: ProxyName, fileFor: (place: Place) => string): Promise<string> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-proxy-'))
  const file = join(folder, 'config')
  writeFileSync(file, fileFor({ port, folder }))
  const [command, args] =
    name === 'nginx'
      ? ['nginx', ['-c', file, '-e', join(folder, 'error.log'), '-p', folder]]
      : ['caddy', ['run', '--config', file, '--adapter', 'caddyfile']]
  const child = spawn(command, args, {
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString('utf8')))
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`${name} cannot be started: ${error.message}`))
    child.on('exit', (code) => resolve(`${name} ended with ${code}: ${said}`))
  })
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  })
  const url = `http://127.0.0.1:${port}`
  const words = await Promise.race([ended, answers(url)])
  if (words !== null) throw new Error(words)
  return url
}

/** The one block of the guide in this language. */
function blockOf(name: ProxyName): string {
  const guide = readFileSync(join(root, 'docs/operating.md'), 'utf8')
  const fence = name === 'nginx' ? 'nginx' : 'caddyfile'
  const blocks = [...guide.matchAll(new RegExp(`^\`\`\`${fence}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))]
  if (blocks.length !== 1) throw new Error(`the guide has ${blocks.length} blocks for ${name}`)
  return blocks[0]?.[1] ?? ''
}

/** As in the guide, but for TLS and the place where it listens. */
function nginxFile(block: string, { port, folder }: Place): string {
  const plain = block
    .replace('listen 443 ssl;', `listen 127.0.0.1:${port};`)
    .replace(/^ *ssl_certificate.*\n/gm, '')
  if (/\b443\b/.test(plain) || plain.includes('ssl')) throw new Error('the block for nginx has another form')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  )
  return `daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log;
events {}
http {
  access_log ${folder}/access.log;
  ${temporary.join('\n  ')}
  ${plain}
}
`
}

function caddyFile(block: string, { site, port }: Place & { readonly site: string }): string {
  const plain = block.replace(`${site} {`, `http://127.0.0.1:${port} {`)
  if (plain === block) throw new Error('the block for Caddy has another form')
  return `{\n  admin off\n  auto_https off\n}\n${plain}`
}

/** Resolves with null once something is answered. */
async function answers(url: string): Promise<null> {
  for (;;) {
    const answer = await fetch(url).catch(() => null)
    if (answer) return null
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
