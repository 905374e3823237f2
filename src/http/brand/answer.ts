// GET /api/v1/brand: whose gateway it is, for pages in two languages and for programs.
import { hash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { nameOf, noticeAt, noticeLevels } from '../../config/brand.ts'
import type { Context } from '../../context.ts'
import { originOf } from '../docs/pages.ts'
import { isKnown } from '../wire/headers/etag.ts'
import type { Routes } from '../route.ts'
import { seconds, text } from '../v1/fields.ts'
import { colorsOf } from './colors.ts'
import { logoAddress } from './logo.ts'

const words = (en: string, zh: string) =>
  z.object({ en: text(en), zh: text(zh) }).meta({ id: 'Words', description: 'One text in both languages.' })
const name = words('Pixel Shop', '像素商店')

const colors = z
  .object({
    accent: text('#4f46e5'),
    text: text('#ffffff').meta({ description: 'Of text on the accent: black or white.' }),
    on_light: text('#4f46e5').meta({ description: 'A shade that can be read as text on light pages.' }),
    on_dark: text('#837dec').meta({ description: 'A shade that can be read as text on dark pages.' }),
  })
  .meta({ id: 'BrandColors' })

const notice = z
  .object({
    text: name,
    level: z.enum(noticeLevels),
    from: seconds.nullable(),
    to: seconds.nullable(),
  })
  .meta({ id: 'Notice' })

const example = { en: 'Pixel Shop', zh: '像素商店' }

const brandAnswer = z
  .object({
    name,
    logo_url: z.string().nullable(),
    color: colors.nullable(),
    links: z.array(z.object({ text: name, url: z.string() }).meta({ id: 'BrandLink' })),
    footer: name.nullable(),
    notice: notice.nullable().meta({ description: 'Only while it is valid.' }),
    buy_url: z.string().nullable().meta({ description: 'Where credits are bought.' }),
    buy_text: name.nullable(),
  })
  .meta({
    id: 'Brand',
    examples: [
      {
        name: example,
        logo_url: 'https://gateway.example/brand/logo?v=0f3a',
        color: { accent: '#4f46e5', text: '#ffffff', on_light: '#4f46e5', on_dark: '#837dec' },
        links: [{ text: { en: 'Terms', zh: '条款' }, url: 'https://shop.example/terms' }],
        footer: null,
        notice: null,
        buy_url: 'https://shop.example/credits',
        buy_text: { en: 'Buy credits', zh: '购买积分' },
      },
    ],
  })

export function addBrandRoute(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  // Asked for by every page: an answer that the page has already is not sent again.
  scope.addHook('onSend', async (request, reply, payload) => {
    if (reply.statusCode !== 200 || typeof payload !== 'string') return payload
    const etag = `"${hash('sha256', payload).slice(0, 32)}"`
    reply.header('etag', etag).header('cache-control', 'no-cache').header('vary', 'accept-language')
    if (!isKnown(request, etag)) return payload
    reply.code(304).removeHeader('content-length')
    return null
  })
  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/brand',
    operationId: 'getBrand',
    tag: 'Brand',
    summary: 'Brand',
    description:
      'Whose gateway this is: name, logo, colours, links, a notice, where credits are bought; each text in English and Chinese. It needs no key. `ETag` is answered to `If-None-Match`.',
    isPublic: true,
    answer: brandAnswer,
    async run({ request }) {
      const { brand } = ctx.catalog.offer
      const valid = noticeAt(brand, ctx.clock.now())
      return {
        name: nameOf(brand),
        logo_url: brand.logo && `${originOf(ctx, request)}${logoAddress(brand.logo)}`,
        color: brand.color === null ? null : colorsOf(brand.color),
        links: brand.links.map(({ text: label, url }) => ({ text: label, url })),
        footer: brand.footer,
        notice: valid && {
          text: valid.text,
          level: valid.level,
          from: inSeconds(valid.fromMs),
          to: inSeconds(valid.untilMs),
        },
        buy_url: brand.buyUrl,
        buy_text: brand.buyText,
      }
    },
  })
}

const inSeconds = (ms: number | null): number | null => (ms === null ? null : Math.floor(ms / 1000))
