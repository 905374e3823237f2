// Speaks MCP over plain HTTP as clients of both eras do, message by message.
import type { Customer, Gateway } from '../../../support/gateway.ts'

export type Era = 'modern' | 'legacy'

export interface RpcOptions {
  readonly era?: Era
  readonly id?: number | string
  readonly headers?: Record<string, string>
  /** Beside what the era requires. */
  readonly meta?: Record<string, unknown>
  readonly signal?: AbortSignal
  /** A notification: without an id, and without an answer. */
  readonly isNotice?: true
}

export interface RpcAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** All messages, in order: the last one is the answer. */
  readonly messages: readonly any[]
  readonly result: any
  readonly error: any
}

const revisions = { modern: '2026-07-28', legacy: '2025-11-25' } as const

/** What a client of this era sends for a request. */
export function message(
  method: string,
  params: object,
  { era = 'modern', id = 1, meta, isNotice }: RpcOptions = {},
) {
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': revisions.modern,
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const metadata = { ...(era === 'modern' && envelope), ...meta }
  return {
    jsonrpc: '2.0',
    ...(isNotice ? {} : { id }),
    method,
    params: { ...params, ...(Object.keys(metadata).length > 0 && { _meta: metadata }) },
  }
}

export async function rpc(
  gateway: Pick<Gateway, 'url'>,
  { key }: Pick<Customer, 'key'>,
  method: string,
  params: object = {},
  options: RpcOptions = {},
): Promise<RpcAnswer> {
  const { era = 'modern', headers, signal } = options
  const { name } = params as { readonly name?: string }
  const response = await fetch(`${gateway.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': revisions[era],
      ...(era === 'modern' && { 'mcp-method': method, ...(name && { 'mcp-name': name }) }),
      ...headers,
    },
    body: JSON.stringify(message(method, params, options)),
    ...(signal && { signal }),
  })
  const text = await response.text()
  const messages = messagesOf(response.headers.get('content-type') ?? '', text)
  const last = messages.at(-1)
  return {
    status: response.status,
    headers: response.headers,
    text,
    messages,
    result: last?.result,
    error: last?.error,
  }
}

/** A tool's result. */
export async function callTool(
  gateway: Pick<Gateway, 'url'>,
  customer: Pick<Customer, 'key'>,
  name: string,
  args: object = {},
  options: RpcOptions = {},
): Promise<any> {
  const answer = await rpc(gateway, customer, 'tools/call', { name, arguments: args }, options)
  if (!answer.result) throw new Error(`${answer.status} ${answer.text}`)
  return answer.result
}

function messagesOf(type: string, text: string): any[] {
  if (text === '') return []
  if (!type.startsWith('text/event-stream')) return [JSON.parse(text)]
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice('data: '.length)))
}
