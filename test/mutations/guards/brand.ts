// The brand and the catalogue that comes with the gateway: nothing runs in a logo, and models go only when asked for.
import type { Guard } from '../guard.ts'

const brand = 'test/http/brand.test.ts'
const section = 'test/config/brand.test.ts'
const doctor = 'test/cli/doctor-settings.test.ts'
const gone = 'test/tasks/models-gone.test.ts'
const reloads = 'test/catalog/careful-reload.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a logo that is opened by itself runs nothing',
    file: 'src/http/brand/logo.ts',
    search: "style-src 'unsafe-inline'; sandbox",
    replacement: "style-src 'unsafe-inline'",
    tests: [brand],
  },
  {
    name: 'a logo is judged by its bytes',
    file: 'src/config/brand.ts',
    search: 'if (type === null) return',
    replacement: "if (type === null && path === '') return",
    tests: [section, brand],
  },
  {
    name: 'a line about the built-in catalogue that is lost takes no models away',
    file: 'src/catalog/live.ts',
    search: 'isOfFile || (offer.models === null && offer.catalog !== source.catalog)',
    replacement: 'isOfFile',
    tests: [reloads],
  },
  {
    name: 'play credits are bought nowhere',
    file: 'src/catalog/live.ts',
    search: 'brand: { ...offer.brand, buyUrl: null, buyText: null }',
    replacement: 'brand: offer.brand',
    tests: [brand],
  },
  {
    name: 'doctor warns of prices below their cost',
    file: 'src/setup/findings.ts',
    search: 'lossWords(config, catalog))',
    replacement: 'lossWords(config, catalog).slice(0, 0))',
    tests: [doctor],
  },
  {
    name: 'doctor warns where nobody is told of anything',
    file: 'src/setup/findings.ts',
    search: 'if (alerts.receivers.length === 0) {',
    replacement: 'if (alerts.receivers.length < 0) {',
    tests: [doctor],
  },
  {
    name: 'a receiver without its secret is wrong',
    file: 'src/setup/findings.ts',
    search: 'if (silent.length > 0) {',
    replacement: 'if (silent.length < 0) {',
    tests: [doctor],
  },
  {
    name: 'models that keys may order count as those of the store',
    file: 'src/tasks/unreachable/models-gone.ts',
    search: '...[...ofKeys, ...ofAccounts].flatMap(({ ids }) => ids ?? []),',
    replacement: '',
    tests: [gone, doctor],
  },
]
