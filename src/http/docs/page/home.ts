// The public first page: whose gateway it is, what it sells for how much, and the ways on. It needs no script.
import type { Catalog } from '../../../catalog/catalog.ts'
import type { Model } from '../../../catalog/listing.ts'
import { nameOf } from '../../../config/brand.ts'
import { fragment, raw } from '../html.ts'
import { framed } from './frame.ts'
import { capabilityIn } from './models.ts'
import { inLanguage, sayIn } from './place.ts'
import type { Place } from './place.ts'

export function homePage({ models }: Catalog, place: Place): string {
  const { root, brand } = place
  const say = sayIn(place)
  const name = inLanguage(place, nameOf(brand))
  const sentence = say(
    'Pictures and videos made from your words and pictures: in the browser, or over one API. You pay in credits; what fails is refunded.',
    '用文字和图片生成图片与视频:在浏览器中使用,或通过统一的 API 调用。按积分付费,失败自动退还。',
  )
  const buy =
    brand.buyUrl === null
      ? ''
      : fragment`<a href="${brand.buyUrl}">${brand.buyText === null ? say('Buy credits', '购买积分') : inLanguage(place, brand.buyText)}</a>`
  const cards = models.map((model) => cardOf(place, model)).join('\n')
  return framed(place, {
    path: '',
    title: name,
    description: sentence.raw,
    classes: 'home',
    beside: raw(''),
    main: raw(fragment`<div class="hero"><h1>${name}</h1><p>${sentence}</p>
<p class="acts"><a class="first" href="${root}console">${say('Sign in', '登录')}</a><a href="${root}docs">${say('Read the documentation', '查看文档')}</a>${raw(buy)}</p></div>
<h2 id="models">${say('Models and prices', '模型与价格')}</h2>
<ul class="cards">${raw(cards)}</ul>`),
  })
}

function cardOf(place: Place, { id, name, taskType, capability, price }: Model): string {
  const say = sayIn(place)
  const kind = taskType === 'video' ? say('Video', '视频') : say('Image', '图片')
  return fragment`<li><span class="kind">${kind}</span><h3>${name}</h3><span>${capabilityIn(place, capability)}</span><code>${id}</code><span class="price">${inLanguage(place, price.text)}</span></li>`
}
