// The brand and the catalogue that comes with the gateway: nothing runs in a logo, and models go only when asked for.
import type { Guard } from '../guard.ts'

const brand = 'test/http/brand.test.ts'
const section = 'test/config/brand.test.ts'
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
]
