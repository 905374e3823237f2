// The short documentation: the Open API's page with the live catalogue and the reader's own host.
import type { Catalog } from '../../catalog/catalog.ts'
import { nameOf, slugOf } from '../../config/brand.ts'
import type { Brand, Notice } from '../../config/brand.ts'
import type { SurfacesConfig } from '../../config/config.ts'
import type { Model } from '../../catalog/listing.ts'
import { brandFoot, brandHead } from './brand-parts.ts'
import { fragment, raw } from './html.ts'
import type { Raw } from './html.ts'

interface Place {
  /** The reader's URL of the gateway, without a trailing slash. */
  readonly origin: string
  /** Prefix of the page's links. */
  readonly root: string
  readonly surfaces: Pick<SurfacesConfig, 'openai' | 'mcp' | 'skill'>
  readonly hasTestKeys: boolean
  readonly brand: Brand
  /** Of the brand, while it is valid. */
  readonly notice: Notice | null
}

export function docsPage(catalog: Catalog, place: Place): string {
  const { origin, root } = place
  const modelId = exampleOf(catalog)
  return page(place)`
<h1>Open API</h1>
<p>REST API for creating image / video generation tasks. Authenticate with an <code>sk-</code> key.
The whole reference is at <a href="${root}docs/reference/">/docs/reference</a>, its document at <a href="${root}openapi.json">/openapi.json</a>.</p>
<h2>Authentication</h2>
<p>All requests require a bearer token.</p>
<pre>Authorization: Bearer sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx</pre>
<h2>Available Models</h2>
<table><thead><tr><th>model_id</th><th>Capability</th><th>Output</th><th>Price</th></tr></thead>
<tbody>${raw(catalog.models.map(modelRow).join('\n'))}</tbody></table>
<p>Parameters and their allowed values: <code>GET /api/v1/models</code>.</p>
<h2>Create Task</h2>
<p>Submit a generation request. The answer returns a <code>task_id</code> to poll. Credits are deducted on submit;
failed tasks are refunded by themselves.</p>
<pre>curl -X POST ${origin}/api/v1/tasks/create \\
  -H "Authorization: Bearer sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model_id": "${modelId}",
    "prompt": "a serene zen garden at sunrise"
  }'</pre>
<pre>{
  "code": 200,
  "msg": "提交成功,等待生成",
  "data": {
    "task_id": "task_…",
    "request_id": "req_…",
    "credits": 15,
    "task_ids": ["task_…"]
  }
}</pre>
<h2>Send It Again</h2>
<p>Give each order a name of your own, such as a UUID, and a create can be repeated as often as it takes: when no answer
came, or HTTP 429, 500 or 503.</p>
<pre>Idempotency-Key: 5f0c2c9e-6d0b-4c58-9a3e-2f1f6f1b7a10</pre>
<p>For at least 24 hours the same key with the same body gives the first answer again, with
<code>Idempotency-Replayed: true</code>, and charges nothing. With another body it is refused:
<code>idempotency_mismatch</code>. What was refused leaves its key free. A key has 1 to 255 printable ASCII characters.</p>
<h2>Query Task</h2>
<p>Poll the task by id until <code>task_status</code> reaches 3 (success) or 4 (failed); 1 is queued, 2 is running.
Or wait for it: <code>?wait=30</code> answers when the task has ended, or after 30 seconds (60 at most) with what it is
then, and counts as one request. <code>GET /api/v1/tasks/{task_id}/events</code> is a stream of Server-Sent Events.</p>
<pre>curl ${origin}/api/v1/tasks/task_… \\
  -H "Authorization: Bearer sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"</pre>
<pre>{
  "code": 200,
  "msg": "ok",
  "data": {
    "task_id": "task_…",
    "task_status": 3,
    "task_type": "image",
    "model_id": "gpt-image-2",
    "image_url": "https://…",
    "video_url": null,
    "audio_url": null,
    "credits": 15,
    "created_at": 1730000000
  }
}</pre>
<h2>Errors</h2>
<ul>
<li><code>code: 200</code> — success.</li>
<li><code>code: 0</code> — business failure: <code>msg</code> says why, <code>error.type</code> and <code>error.field</code> say it to programs. Nothing was charged.</li>
<li>HTTP 401 — invalid or missing API key.</li>
<li>HTTP 429 — too many requests; wait for as long as <code>Retry-After</code> says.</li>
</ul>${raw(optionalSections(place, modelId))}`
}

const exampleOf = ({ models }: Catalog): string =>
  (models.find(({ id }) => id === 'gpt-image-2') ?? models[0])?.id ?? 'model'

/** What is told where it is switched on. */
function optionalSections({ origin, root, surfaces, hasTestKeys, brand }: Place, modelId: string): string {
  const { buyUrl, buyText } = brand
  return [
    buyUrl === null ? '' : buySection(buyUrl, buyText?.en ?? null),
    hasTestKeys ? testKeysSection : '',
    surfaces.openai ? openaiSection(origin, modelId) : '',
    surfaces.mcp ? mcpSection(origin, slugOf(brand)) : '',
    surfaces.skill ? agentsSection(origin, root) : '',
  ].join('')
}

const buySection = (url: string, words: string | null): string => fragment`
<h2>Credits</h2>
<p><a href="${url}">${words ?? 'Buy credits'}</a>. A code is redeemed with <code>POST /api/v1/credits/redeem</code>,
<code>{"code": "tg-…"}</code>. An order that the balance does not pay is refused as <code>insufficient_credits</code>,
and <code>error.buy_url</code> says where to buy.</p>`

const testKeysSection = `
<h2>Test Keys</h2>
<p>A key that begins with <code>sk-test-</code> opens the same API against a sandbox with play credits: real files within
seconds, nothing ordered or charged, and <code>x-tollgate-sandbox: true</code> on each answer. A prompt with the word
<code>fail</code> fails, with <code>slow</code> takes a minute, with <code>lost</code> is accepted and then fails.</p>`

const openaiSection = (origin: string, modelId: string): string => fragment`
<h2>OpenAI</h2>
<p>Images (generate, edit, stream), videos and models as OpenAI answers them, for its SDKs, the AI SDK, LiteLLM and programs
that take a base URL. A client that lost its connection sends the same request again: it gets what it ordered, and pays once.</p>
<pre>new OpenAI({ baseURL: '${origin}/v1', apiKey: 'sk-…' }).images.generate({ model: '${modelId}', prompt: 'a serene zen garden' })</pre>
<pre>OpenAI(base_url="${origin}/v1", api_key="sk-…").images.generate(model="${modelId}", prompt="a serene zen garden")</pre>`

const mcpSection = (origin: string, name: string): string => fragment`
<h2>MCP</h2>
<p>The same as tools over the Model Context Protocol, for Claude Code, Cursor, VS Code and others: streamable HTTP, with the
key as a header. There is nothing to log in to.</p>
<pre>claude mcp add --transport http ${name} ${origin}/mcp --header "Authorization: Bearer sk-…"</pre>
<pre>{"mcpServers": {"${name}": {"url": "${origin}/mcp", "headers": {"Authorization": "Bearer sk-…"}}}}</pre>`

const agentsSection = (origin: string, root: string): string => fragment`
<h2>Agents</h2>
<p><a href="${root}skill.md">/skill.md</a> tells an agent how to order, wait and download;
<a href="${root}docs.md">/docs.md</a> is this page in Markdown, <a href="${root}llms.txt">/llms.txt</a> says where everything is.</p>
<pre>npx skills add ${origin}</pre>`

function modelRow(model: Model): string {
  const cells = fragment`<tr><td><code>${model.id}</code></td><td>${model.name} (${model.capability})</td><td><code>${model.output}</code></td><td>${model.price.text.en}</td></tr>`
  return cells
}

const page =
  (place: Place) =>
  (strings: TemplateStringsArray, ...values: (string | Raw)[]): string => {
    const { root, brand } = place
    const title = brand.name === null ? 'Open API' : `${nameOf(brand).en}: Open API`
    return fragment`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="stylesheet" href="${root}docs/style.css"></head><body>${raw(brandHead(place))}<main>${raw(fragment(strings, ...values))}</main>${raw(brandFoot(brand))}</body></html>
`
  }
