// What is on sale, as a table with prices, and what each model takes.
import type { Model, Parameter } from '../../../catalog/listing.ts'
import { fragment, raw } from '../html.ts'
import type { Raw } from '../html.ts'
import { all, paragraph, table, term, text } from './code.ts'
import { inLanguage, sayIn } from './place.ts'
import type { Place, Say } from './place.ts'

export function modelsBody(place: Place, models: readonly Model[]): Raw {
  const say = sayIn(place)
  const rows = models.map(({ id, name, capability, output, price }) => [
    term(id),
    raw(fragment`${name} (${capabilityIn(place, capability)})`),
    term(output),
    text(inLanguage(place, price.text)),
  ])
  const head = [term('model_id'), say('Capability', '能力'), say('Output', '输出'), say('Price', '价格')]
  return all(
    paragraph(
      say(
        'These values of <code>model_id</code> are accepted. A price is in credits, for each output; <code>POST /api/v1/quote</code> with the body of an order says what it would cost.',
        '<code>model_id</code> 可取以下值。价格以积分计,按每个结果收取;将订单内容发送到 <code>POST /api/v1/quote</code> 可查询其费用。',
      ),
    ),
    table(head, rows),
    paragraph(
      say(
        'What each model takes, also as <code>GET /api/v1/models</code>:',
        '各模型接受的参数,也可通过 <code>GET /api/v1/models</code> 查询:',
      ),
    ),
    ...models.map((model) => parametersOf(place, model)),
  )
}

/** The same for all models, and described with the order. */
const ofAllModels = new Set(['model_id', 'prompt', 'callback_url'])

function parametersOf(place: Place, { id, name, aliases, parameters }: Model): Raw {
  const say = sayIn(place)
  const rows = Object.entries(parameters)
    .filter(([parameter]) => !ofAllModels.has(parameter))
    .map(([parameter, is]) => [term(parameter), text(valuesOf(is, say)), text(restOf(place, is))])
  const also = aliases.map((alias) => fragment` <code>${alias}</code>`).join('')
  const head = [say('Parameter', '参数'), say('Values', '取值'), say('Default and notes', '默认值与说明')]
  return raw(
    fragment`<details class="model"><summary>${name} <code>${id}</code></summary>${raw(aliases.length === 0 ? '' : `<p>${say('Also called', '别名').raw}${also}</p>`)}${table(head, rows)}</details>`,
  )
}

function valuesOf({ type, values, min, max }: Parameter, say: Say): string {
  if (values) return values.map(String).join(', ')
  const range = min === undefined || max === undefined ? '' : `${min}–${max}`
  if (type === 'array') return `${range} ${say('http(s) URLs', '个 http(s) URL').raw}`
  return range || (type === 'string' ? say('text', '文本').raw : type)
}

function restOf(place: Place, { required, default: otherwise, note }: Parameter): string {
  const say = sayIn(place)
  const parts = [
    ...(required ? [say('required', '必填').raw] : []),
    ...(otherwise === undefined ? [] : [`${say('default', '默认').raw} ${otherwise}`]),
    ...(note ? [inLanguage(place, note)] : []),
  ]
  return parts.join('; ')
}

/** What the catalogue writes by itself; what an operator writes is said in the operator's words. */
const ownForm = /^(text|image|text \/ image) to (image|video)$/
const inChinese: Readonly<Record<string, string>> = {
  text: '文本',
  image: '图片',
  'text / image': '文本 / 图片',
  video: '视频',
}

export function capabilityIn({ language }: Pick<Place, 'language'>, capability: string): string {
  const [, from = '', to = ''] = ownForm.exec(capability) ?? []
  return language === 'zh' && from !== '' ? `${inChinese[from]}生成${inChinese[to]}` : capability
}
