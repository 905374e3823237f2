// The documentation for people: the Open API's page with the live catalogue and the reader's own host, and what is beside it.
import type { Catalog } from '../../../catalog/catalog.ts'
import { nameOf } from '../../../config/brand.ts'
import { fragment, raw } from '../html.ts'
import { basicSections } from './basics.ts'
import { furtherSections } from './beyond.ts'
import { clientSection } from './clients.ts'
import { sectionOf } from './code.ts'
import { framed } from './frame.ts'
import { inLanguage, sayIn } from './place.ts'
import type { Place } from './place.ts'
import { exampleModel } from './samples.ts'

export function docsPage({ models }: Catalog, place: Place): string {
  const say = sayIn(place)
  const model = exampleModel(models)
  const sections = [
    ...basicSections(place, models),
    ...furtherSections(place, model),
    clientSection(place, model?.id ?? 'model'),
  ]
  const links = sections.map(({ id, title }) => fragment`<li><a href="#${id}">${title}</a></li>`)
  const intro = say(
    'REST API for creating images and videos: an order answers at once with the id of a task, and the task says when its result is there.',
    '用于创建图片与视频的 REST API:下单后立即返回任务 id,任务完成后即可获取结果。',
  )
  const { brand } = place
  return framed(place, {
    path: 'docs',
    title: brand.name === null ? 'Open API' : `${inLanguage(place, nameOf(brand))}: Open API`,
    description: intro.raw,
    classes: 'docs',
    beside: raw(
      fragment`<nav class="toc" aria-label="${say('On this page', '本页内容')}"><details open><summary>${say('On this page', '本页内容')}</summary><ul>${raw(links.join(''))}</ul></details></nav>`,
    ),
    main: raw(fragment`<h1>Open API</h1><p>${intro}</p>${raw(sections.map(sectionOf).join(''))}`),
  })
}
