// What an order may cost: quotes that hold, and the bound that a client sets.
import type { Guard } from '../guard.ts'

const quotes = 'test/http/quotes.test.ts'
const file = 'src/tasks/create/quote.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a create pays what its quote said',
    file,
    search: 'Math.min(quoted.each, priced.creditsEach)',
    replacement: 'Math.max(quoted.each, priced.creditsEach)',
    tests: [quotes],
  },
  {
    name: 'a quote is ours, and of these parameters',
    file,
    search: '!isSame(mark, signature(await signingKey(ctx), terms))',
    replacement: '!isSame(mark, mark)',
    tests: [quotes],
  },
  {
    name: 'a quote is of one account',
    file,
    search: 'JSON.stringify([accountId, priced.modelId,',
    replacement: 'JSON.stringify([priced.modelId,',
    tests: [quotes],
  },
  {
    name: 'a quote ends',
    file,
    search: 'if (ctx.clock.now() >= terms.expiresAt) throw expired()',
    replacement: '',
    tests: [quotes],
  },
  {
    name: 'an order never costs more than its max_credits',
    file,
    search: 'priced.maxCredits !== null && creditsTotal > priced.maxCredits',
    replacement: 'priced.maxCredits !== null && creditsTotal < 0',
    tests: [quotes],
  },
  {
    name: 'the price of an order with pictures is agreed before they are uploaded',
    file: 'src/tasks/create/create.ts',
    search: '} = usableRoute(ctx, await readOrder(ctx, caller, withoutInlineImages(body)))',
    replacement: '} = ctx.catalog.current.parseOrder(withoutInlineImages(body))',
    tests: [quotes],
  },
]
