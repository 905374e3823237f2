// The schema of the surfaces section: which APIs of other makers are answered beside the tasks API.
import { z } from 'zod'
import { duration, flag, section } from '../fields.ts'

/** `true`: on, with the defaults of its settings; `false`: off, which becomes null. */
export const switched = <Settings extends z.ZodType>(settings: Settings) =>
  z
    .preprocess((value) => (value === false ? null : value === true ? {} : value), settings.nullable())
    .prefault(true)

export const surfacesSchema = section({
  // A picture takes minutes, and clients wait for it on one connection.
  openai: switched(section({ wait_for: duration().prefault('10m') })),
  mcp: flag().prefault(true),
  skill: flag().prefault(true),
  replicate: flag().prefault(true),
  kie: flag().prefault(true),
  keevx: flag().prefault(true),
}).transform(({ openai, ...rest }) => ({ openai: openai && { waitForMs: openai.wait_for }, ...rest }))
