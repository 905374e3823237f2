// What an OpenAPI document says of an answer, as a schema that checks one.
import { z } from 'zod'

/** `route`: method and path, as `GET /api/v1/tasks`. */
export function answerSchema({ paths, components }: any, route: string, status: number): z.ZodType {
  const [method = '', path = ''] = route.split(' ')
  const stated = paths[path][method.toLowerCase()].responses[status]
  const response = stated.$ref === undefined ? stated : components.responses[stated.$ref.split('/').at(-1)]
  const { schema } = response.content['application/json']
  const whole = JSON.stringify({ ...schema, $defs: components.schemas })
  return z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')))
}
