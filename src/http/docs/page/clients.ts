// The section about clients that exist already: SDKs, MCP, agents.
import { slugOf } from '../../../config/brand.ts'
import { fragment, raw } from '../html.ts'
import type { Raw } from '../html.ts'
import { all, code, codes, keyPlace, paragraph } from './code.ts'
import type { Section } from './code.ts'
import { sayIn } from './place.ts'
import type { Place } from './place.ts'
import { openaiSamples } from './samples.ts'

/** Each part is told where it is switched on. */
export function clientSection(place: Place, modelId: string): Section {
  const { surfaces } = place
  const say = sayIn(place)
  const parts = [
    documents(place),
    ...(surfaces.openai ? [openai(place, modelId)] : []),
    ...(surfaces.mcp ? [mcp(place)] : []),
    ...(surfaces.replicate || surfaces.kie ? [others(place)] : []),
    ...(surfaces.skill ? [agents(place)] : []),
  ]
  return { id: 'clients', title: say('Clients', '客户端'), body: all(...parts) }
}

function documents(place: Place): Raw {
  const { root } = place
  return paragraph(
    sayIn(place)(
      `The whole reference is at <a href="${root}docs/reference/">/docs/reference</a>; generators of clients take <a href="${root}openapi.json">/openapi.json</a>.`,
      `完整的接口参考见 <a href="${root}docs/reference/">/docs/reference</a>;客户端代码生成器可使用 <a href="${root}openapi.json">/openapi.json</a>。`,
    ),
  )
}

const heading = (words: string): Raw => raw(fragment`<h3>${words}</h3>`)

function openai(place: Place, modelId: string): Raw {
  const say = sayIn(place)
  return all(
    heading('OpenAI'),
    paragraph(
      say(
        'Images (generate, edit, stream), videos and models as OpenAI answers them, for its SDKs, the AI SDK, LiteLLM and programs that take a base URL. A client that lost its connection sends the same request again: it gets what it ordered, and pays once.',
        '以 OpenAI 的格式提供图片(生成、编辑、流式)、视频与模型接口,适用于其 SDK、AI SDK、LiteLLM 以及可设置 Base URL 的程序。连接中断后,客户端可重新发送相同的请求:得到所订的结果,且只付费一次。',
      ),
    ),
    codes(place, openaiSamples(place.origin, modelId)),
  )
}

function mcp(place: Place): Raw {
  const say = sayIn(place)
  const { origin, brand } = place
  const name = slugOf(brand)
  const server = { [name]: { url: `${origin}/mcp`, headers: { Authorization: `Bearer ${keyPlace}` } } }
  return all(
    heading('MCP'),
    paragraph(
      say(
        'The same as tools over the Model Context Protocol, for Claude Code, Cursor, VS Code and others: streamable HTTP, with the key as a header. There is nothing to log in to.',
        '通过 Model Context Protocol 以工具的形式使用,适用于 Claude Code、Cursor、VS Code 等:采用 streamable HTTP,密钥放在请求头中,无需登录。',
      ),
    ),
    codes(place, [
      {
        name: 'Claude Code',
        code: `claude mcp add --transport http ${name} ${origin}/mcp --header "Authorization: Bearer ${keyPlace}"`,
      },
      { name: 'mcp.json', code: JSON.stringify({ mcpServers: server }, null, 2) },
    ]),
  )
}

function others(place: Place): Raw {
  const { origin, surfaces } = place
  const bases = [
    ...(surfaces.replicate ? [['Replicate', `${origin}/replicate/v1`]] : []),
    ...(surfaces.kie ? [['kie', origin]] : []),
  ]
  const items = bases.map(([name = '', base = '']) => fragment`<li>${name}: <code>${base}</code></li>`)
  return all(
    heading('Replicate, kie'),
    paragraph(
      sayIn(place)(
        'Clients that are made for these work with your key and this base URL:',
        '为以下平台编写的客户端,使用您的密钥与下列 Base URL 即可:',
      ),
    ),
    raw(`<ul>${items.join('')}</ul>`),
  )
}

function agents(place: Place): Raw {
  const { root, origin } = place
  return all(
    heading(place.language === 'zh' ? '智能体' : 'Agents'),
    paragraph(
      sayIn(place)(
        `<a href="${root}skill.md">/skill.md</a> tells an agent how to order, wait and download; <a href="${root}docs.md">/docs.md</a> is this page in Markdown, <a href="${root}llms.txt">/llms.txt</a> says where everything is.`,
        `<a href="${root}skill.md">/skill.md</a> 告诉智能体如何下单、等待和下载;<a href="${root}docs.md">/docs.md</a> 是本页的 Markdown 版本,<a href="${root}llms.txt">/llms.txt</a> 列出所有文档的位置。`,
      ),
    ),
    code('Shell', `npx skills add ${origin}`),
  )
}
