// The OpenAPI documents say what the gateway does, each to its own readers.
import type { Guard } from '../guard.ts'

const documents = 'test/openapi.test.ts'
const generated = 'test/docs/generated-clients.test.ts'
const operators = 'test/http/operator-document.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'the customers’ document has none of the operator’s routes',
    file: 'src/http/docs/openapi.ts',
    search: 'if (callers !== plan.callers) continue',
    replacement: "if (callers !== plan.callers && plan.callers === 'operators') continue",
    tests: [documents],
  },
  {
    name: 'bounds that only say how far JavaScript counts are not printed',
    file: 'src/http/docs/operation.ts',
    search: 'if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum',
    replacement: '',
    tests: [generated],
  },
  {
    name: 'answers may gain fields',
    file: 'src/http/docs/operation.ts',
    search: "if (io === 'output' && jsonSchema.additionalProperties === false)",
    replacement: "if (io === 'input' && jsonSchema.additionalProperties === undefined)",
    tests: [generated],
  },
  {
    name: 'a customer’s empty parameter is documented as one that is left out',
    file: 'src/http/docs/openapi.ts',
    search: "if (callers === 'customers' && method === 'GET') allowEmptyQueries(one?.[url]?.get)",
    replacement: '',
    tests: [generated],
  },
  {
    name: 'an empty filter of the operator’s is not left out',
    file: 'src/http/route.ts',
    search: "value === '' && !isForOperators",
    replacement: "value === ''",
    tests: [operators],
  },
  {
    name: 'a change without a body is refused',
    file: 'src/http/route.ts',
    search: '  throw noBody()\n',
    replacement: '  return {}\n',
    tests: [operators],
  },
  {
    name: 'a time that has passed conflicts with the clock',
    file: 'src/http/admin/wire.ts',
    search: 'if (failure.detail === conflictsNow) return 409',
    replacement: '',
    tests: [operators],
  },
  {
    name: 'a method that HTTP does not know is 405 on a path of ours',
    file: 'src/http/wire/client-error.ts',
    search: 'return unknownMethod(error, methodsAt) ?? notHttp',
    replacement: 'return notHttp',
    tests: ['test/http/transport.test.ts'],
  },
]
