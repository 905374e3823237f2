// The schema of the surfaces section: which APIs of other makers are answered beside the tasks API.
import { z } from 'zod'
import { duration, section } from '../fields.ts'

/** `true`: on, with the defaults of its settings; `false`: off, which becomes null. */
const switched = <Settings extends z.ZodType>(settings: Settings) =>
  z
    .preprocess((value) => (value === false ? null : value === true ? {} : value), settings.nullable())
    .prefault(true)

export const surfacesSchema = section({
  // A picture takes minutes, and clients wait for it on one connection.
  openai: switched(section({ wait_for: duration().prefault('10m') })),
  replicate: switched(section({})),
  kie: switched(section({})),
  keevx: switched(section({})),
}).transform(({ openai, ...others }) => ({ openai: openai && { waitForMs: openai.wait_for }, ...others }))
