// The parts of the texts for agents that are written in several of them, in Markdown.
import { slugOf } from '../../../config/brand.ts'
import type { Brand } from '../../../config/brand.ts'
import type { Catalog } from '../../../catalog/catalog.ts'
import type { Model, Parameter } from '../../../catalog/listing.ts'
import { quoteMinutes } from '../../../tasks/create/quote.ts'

export interface Readers {
  readonly catalog: Catalog
  /** The reader's URL of the gateway, without a trailing slash. */
  readonly origin: string
  readonly brand: Brand
  /** Whether the tools of MCP are served. */
  readonly hasMcp: boolean
  readonly hasTestKeys: boolean
}

/** Where an agent looks for the key. */
export const keyVariable = ({ brand }: Readers): string =>
  `${slugOf(brand).replaceAll('-', '_').toUpperCase()}_API_KEY`

export const testing =
  'A key that begins with `sk-test-` orders from a sandbox with play credits: real files, nothing charged, `x-tollgate-sandbox: true` on each answer. A prompt with the word `fail` fails, with `slow` takes a minute, with `lost` is accepted and then fails.'

/** Operators name models: a name must stay one cell, and one line of text. */
export const plain = (text: string): string =>
  text.replaceAll(/[\\`|<>[\]*_]/g, String.raw`\$&`).replaceAll(/\s+/g, ' ')

export const modelTable = ({ models }: Catalog): string =>
  [
    '| model_id | what it makes | output | price |',
    '|---|---|---|---|',
    ...models.map(
      ({ id, name, capability, output, price }) =>
        `| \`${id}\` | ${plain(name)}: ${plain(capability)} | \`${output}\` | ${plain(price.text.en)} |`,
    ),
  ].join('\n')

export const modelSections = ({ models }: Catalog): string => models.map(modelSection).join('\n\n')

function modelSection({ id, name, capability, price, aliases, parameters }: Model): string {
  const also =
    aliases.length === 0 ? '' : ` Also called ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`
  const rows = Object.entries(parameters)
    .filter(([parameter]) => !ofAllModels.has(parameter))
    .map(([parameter, is]) => `- \`${parameter}\`: ${valuesOf(is)}`)
  return [
    `### ${id}`,
    '',
    `${plain(name)}, ${plain(capability)}. Price: ${plain(price.text.en)}.${also}`,
    '',
    ...rows,
  ].join('\n')
}

/** Described once, above the models. */
const ofAllModels = new Set(['model_id', 'prompt', 'callback_url'])

function valuesOf({ type, required, default: otherwise, values, min, max, note }: Parameter): string {
  const range = min === undefined || max === undefined ? '' : `${min} to ${max}`
  const given = values ? values.map(String).join(', ') : type === 'array' ? `${range} http(s) URLs` : range
  const parts = [
    given || type,
    ...(required ? ['required'] : []),
    ...(otherwise === undefined ? [] : [`default ${otherwise}`]),
    ...(note ? [plain(note.en)] : []),
  ]
  return parts.join('; ')
}

/** Of a model that is on sale, so that it can be sent as it stands. */
const exampleOf = ({ models }: Catalog): Model | undefined =>
  models.find(
    ({ taskType, parameters }) => taskType === 'image' && parameters['image_urls']?.required === false,
  ) ?? models[0]

export const ordering = (
  readers: Readers,
): string => `Each order is a name of a model and a text; it answers at once with the ids of its tasks. Credits are taken when it is ordered; a task that fails gives them back by itself.

\`\`\`sh
curl -sS ${readers.origin}/api/v1/tasks/create \\
  -H "Authorization: Bearer $${keyVariable(readers)}" \\
  -H "Content-Type: application/json" \\
  -H "Idempotency-Key: ORDER_NAME" \\
  -d '{"model_id": "${exampleOf(readers.catalog)?.id ?? ''}", "prompt": "a serene zen garden at sunrise"}'
\`\`\`

The answer holds \`data.task_ids\`, one id for each output, and \`data.credits\`, the price of all. \`code\` is 200 for success and 0 for a refusal, whatever the HTTP status.

- \`prompt\` is required; \`image_urls\`, \`aspect_ratio\`, \`resolution\`, \`duration\`, \`generate_audio\` and \`generate_count\` take what the model takes (see Models). What is left out takes its default. An unknown field is refused.
- \`POST ${readers.origin}/api/v1/quote\` takes the same body and answers what it would cost, without ordering. Its \`quote_id\` in the order holds that price for ${quoteMinutes} minutes; \`max_credits\` refuses an order that costs more.
- \`Idempotency-Key\` is a name of your own for this one order, such as a UUID: put it in place of ORDER_NAME, and note it before you send. When no answer came, or HTTP 429, 500 or 503, send the same body with the same key again: it never orders or charges twice. Use a new key for a new order, also for one that is equal.`

export const waiting = (readers: Readers): string => `\`\`\`sh
curl -sS "${readers.origin}/api/v1/tasks/TASK_ID?wait=30" -H "Authorization: Bearer $${keyVariable(readers)}"
\`\`\`

\`?wait=30\` answers when the task has ended, or after 30 seconds with how it stands. Ask again until \`data.task_status\` is 3 or 4: 1 is queued, 2 running, 3 success, 4 failed. A picture takes from seconds to minutes, a video minutes. Do not order again because it takes long.

- 3: \`data.image_url\` or \`data.video_url\` is the result. Download it before \`data.result_expires_at\` (Unix seconds) and give the user the file, not the URL alone.
- 4: \`data.error_message\` says why; \`data.credits_refunded\` are back.`

export const uploading = (
  readers: Readers,
): string => `Models that take pictures fetch them from public http(s) URLs in \`image_urls\`. A local file is uploaded first (JPG, PNG, BMP, WebP or GIF, 20 MB at most); \`data.url\` of the answer goes into \`image_urls\`.

\`\`\`sh
curl -sS ${readers.origin}/api/v1/files -H "Authorization: Bearer $${keyVariable(readers)}" -F file=@photo.png
\`\`\``

export const errors = `A refusal is \`{"code": 0, "msg": "…", "error": {"type": "…", "message": "…", "field": "…", "request_id": "…"}}\`, and nothing was charged.

| error.type | what to do |
|---|---|
| \`invalid_request\` | change what \`error.field\` names, as \`error.message\` says |
| \`unknown_model\` | use a model_id of this page |
| \`insufficient_credits\` | tell the user, with \`error.buy_url\` where there is one; do not try again |
| \`credit_cap\` | tell the user; do not try again |
| \`unauthorized\` | the key is missing or wrong: ask the user for it |
| \`account_suspended\`, \`forbidden_address\` | tell the user; do not try again |
| \`idempotency_mismatch\` | the key belongs to another order: use a new one |
| \`rate_limited\`, \`too_many_tasks\`, \`unavailable\` | wait as long as \`Retry-After\` says, then send the same again with the same Idempotency-Key |
| \`internal\` | send the same again with the same Idempotency-Key |
| \`not_found\` | there is no such task in this account |
| \`invalid_code\` | only of redeeming a code: it is mistyped, spent or void; tell the user |
| \`payload_too_large\`, \`unsupported_media_type\` | send a smaller body, or another format |`

export const toolsOfMcp = ({ origin }: Readers): string =>
  `The same as tools over the Model Context Protocol: ${origin}/mcp (streamable HTTP), with the header \`Authorization: Bearer KEY\`.`
