// What is on offer: orders that Keevx would refuse are refused here, and prices are exact.
import type { Guard } from '../guard.ts'

const request = 'test/catalog/request.test.ts'
const rules = 'test/catalog/keevx-rules.test.ts'
const price = 'test/catalog/price.test.ts'
const offer = 'test/catalog/offer.test.ts'
const routing = 'test/catalog/routing.test.ts'
const modes = 'test/upstream/modes.test.ts'

const reading = 'src/catalog/request.ts'
const values = 'src/catalog/values.ts'
const pricing = 'src/catalog/price.ts'
const offers = 'src/catalog/offer.ts'

const keyless = 'test/catalog/keyless.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'nothing is served that leads to an upstream without a key',
    file: 'src/cli/settings.ts',
    search: "upstreams === 'keevx' ? requireKeysFor",
    replacement: "upstreams === 'sandbox' ? requireKeysFor",
    tests: ['test/cli/config-check.test.ts'],
  },
  {
    name: 'a reload says what it leaves for the next start',
    file: 'src/catalog/live.ts',
    search: 'ignored: changesBetween(begunWith, now)',
    replacement: 'ignored: changesBetween(now, now)',
    tests: ['test/catalog/reload.test.ts'],
  },
  {
    name: 'a file that was read has to stay',
    file: 'src/catalog/live.ts',
    search: 'file = config.configPlace\n      const { next',
    replacement: 'file = null\n      const { next',
    tests: ['test/catalog/reload.test.ts'],
  },
  {
    name: 'aliases that multiply are refused',
    file: 'src/config/file/aliases.ts',
    search: 'return sizeOf(document.contents) <= valuesMax',
    replacement: 'return sizeOf(document.contents) > 0',
    tests: ['test/config/yaml-forms.test.ts'],
  },
  {
    name: 'each upstream that is sold needs a key, not one of them',
    file: 'src/catalog/keyless.ts',
    search: 'catalog.upstreams.length === 1 && keyless',
    replacement: 'keyless',
    tests: [keyless],
  },
  {
    name: 'no catalogue is taken that leads to an upstream without a key',
    file: 'src/catalog/live.ts',
    search: '    requireKeysOfStart(config, next)\n',
    replacement: '',
    tests: [keyless],
  },
  {
    name: 'an unknown field is refused',
    file: reading,
    search: 'if (unknown !== undefined) throw unknownField(unknown)',
    replacement: '',
    tests: [request],
  },
  {
    name: 'a prompt has at most a thousand characters',
    file: values,
    search: 'if (length > promptLengthMax) {',
    replacement: 'if (false) {',
    tests: [request],
  },
  {
    name: 'characters are counted as Keevx counts them',
    file: values,
    search: 'const length = Array.from(prompt).length',
    replacement: 'const length = prompt.length',
    tests: [request],
  },
  {
    name: 'no more images are taken than the model takes',
    file: 'src/catalog/routing.ts',
    search: 'takesImages(way, request.imageUrls.length, request.endImageUrl !== null) &&',
    replacement: '',
    tests: [rules],
  },
  {
    name: 'a value that the model does not take is refused',
    file: 'src/catalog/routing.ts',
    search: 'violations(way, request).length === 0',
    replacement: 'way !== null',
    tests: [rules],
  },
  {
    name: 'no more outputs are ordered than the model makes',
    file: 'src/upstream/keevx/modes.ts',
    search: 'countMax: 4,',
    replacement: 'countMax: 5,',
    tests: [modes, rules],
  },
  {
    name: 'a picture has no frames, seconds or sound',
    file: 'src/catalog/routing.ts',
    search: "if (offer.taskType === 'image') refuseVideoFields(request)",
    replacement: '',
    tests: [rules, routing, 'test/catalog/orders.property.test.ts'],
  },
  {
    name: 'a price is rounded up',
    file: pricing,
    search: 'return Number((product + scale - 1n) / scale)',
    replacement: 'return Number(product / scale)',
    tests: [price],
  },
  {
    name: 'a price is exact',
    file: pricing,
    search: 'if (numbers.every(Number.isInteger) && Number.isSafeInteger(whole)) return whole',
    replacement: 'return Math.ceil(whole)',
    tests: [price],
  },
  {
    name: 'an order costs its price for each output',
    file: 'src/catalog/catalog.ts',
    search: 'creditsTotal: each * order.count + ',
    replacement: 'creditsTotal: each + ',
    tests: [price, 'test/http/create.test.ts'],
  },
  {
    name: 'no price outgrows what can be added up',
    file: offers,
    search: 'if (creditsEachMax(price, longestSeconds(ways)) > creditsLimit) {',
    replacement: 'if (false) {',
    tests: [offer],
  },
  {
    name: 'a factor stands for one value',
    file: offers,
    search: "if (seen.has(key)) complain(path, 'is given twice; case does not count')",
    replacement: '',
    tests: [offer],
  },
  {
    name: 'a model makes one kind of thing',
    file: offers,
    search: 'if (other) complain(',
    replacement: 'if (false as boolean) complain(',
    tests: [offer],
  },
  {
    name: 'a default that no route takes is refused',
    file: offers,
    search: 'if (allowed.length === 0) return complain([], `no route of this model takes ${parameter}`)',
    replacement: 'if (allowed.length >= 0) return',
    tests: [offer],
  },
  {
    name: 'an image is not priced by the second',
    file: offers,
    search: "complain(['price', 'per_second'], 'an image has no duration; name credits')",
    replacement: '',
    tests: [offer],
  },
  {
    name: 'a catalogue with mistakes is not sold',
    file: offers,
    search: 'if (problems.length > 0) throw new ConfigError(problems)',
    replacement: '',
    tests: [offer],
  },
]
