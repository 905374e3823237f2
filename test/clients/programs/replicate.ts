// What a program with Replicate's JavaScript client does: arguments are the folder it is installed in, and what to do.
import { createRequire } from 'node:module'

const [, , folder = '', deed = '', argument = ''] = process.argv
const Replicate = createRequire(`${folder}/package.json`)('replicate')
const replicate = new Replicate({
  auth: process.env['KEY'],
  baseUrl: `${process.env['GATEWAY']}/replicate/v1`,
  useFileOutput: false,
})

/** One pixel. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const deeds: Record<string, () => Promise<unknown>> = {
  run: async () => await replicate.run(argument, { input: { prompt: 'a heron', aspect_ratio: '16:9' } }),
  video: async () =>
    await replicate.run(argument, {
      input: { prompt: 'waves', image: picture, duration: 4 },
    }),
  poll: async () => {
    const made = await replicate.predictions.create({
      model: argument,
      input: { prompt: 'a', num_outputs: 2 },
    })
    return await replicate.wait(made, { interval: 50 })
  },
  fail: async () => await replicate.run(argument, { input: { prompt: 'to fail' } }),
  cancel: async () => {
    const { id } = await replicate.predictions.create({ model: argument, input: { prompt: 'a' } })
    return await replicate.predictions.cancel(id)
  },
  list: async () => {
    const all = []
    for await (const page of replicate.paginate(replicate.predictions.list)) all.push(...page)
    return all
  },
}

const said = await deeds[deed]?.().then(
  (result) => ({ result }),
  (error: Error) => ({ error: error.message }),
)
console.log(JSON.stringify(said))
