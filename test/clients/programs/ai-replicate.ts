// What a program with the AI SDK and its provider for Replicate does.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [, , folder = '', deed = '', argument = ''] = process.argv
const { resolve } = createRequire(`${folder}/package.json`)
const installed = async (name: string) => await import(pathToFileURL(resolve(name)).href)
const { generateImage, experimental_generateImage, generateVideo, experimental_generateVideo } =
  await installed('ai')
const { createReplicate } = await installed('@ai-sdk/replicate')
const replicate = createReplicate({
  apiToken: process.env['KEY'],
  baseURL: `${process.env['GATEWAY']}/replicate/v1`,
})

const deeds: Record<string, () => Promise<unknown>> = {
  image: async () => {
    const make = generateImage ?? experimental_generateImage
    const { images } = await make({
      model: replicate.image(argument),
      prompt: 'a heron',
      n: 2,
      size: '1536x1024',
    })
    return images.map(({ mediaType, uint8Array }: any) => [mediaType, uint8Array.length > 0])
  },
  video: async () => {
    const make = generateVideo ?? experimental_generateVideo
    const { videos } = await make({
      model: replicate.video(argument),
      prompt: { text: 'waves', image: 'https://example.com/a.png' },
      aspectRatio: '16:9',
      resolution: '1280x720',
      duration: 4,
      providerOptions: { replicate: { pollIntervalMs: 50 } },
      // Its own refuses loopback, where the gateway of a test is.
      download: async ({ url }: { url: URL }) => ({
        data: new Uint8Array(await (await fetch(url)).arrayBuffer()),
        mediaType: 'video/mp4',
      }),
    })
    return videos.map(({ mediaType, uint8Array }: any) => [mediaType, uint8Array.length > 0])
  },
}

const said = await deeds[deed]?.().then(
  (result) => ({ result }),
  (error: Error) => ({ error: error.message }),
)
console.log(JSON.stringify(said))
