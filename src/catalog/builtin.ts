// The built-in catalogue, used unless tollgate.yaml has models of its own.
import type { CatalogName, ModelConfig, RouteConfig } from '../config/config.ts'

type BuiltinModels = Readonly<Record<string, ModelConfig>>

/** `open-api`: nothing that a customer reads names the upstream. */
export const builtinModels = (catalog: CatalogName): BuiltinModels =>
  catalog === 'keevx' ? { ...openApiModels, ...keevxModels } : openApiModels

/** The three models of the Open API. */
const openApiModels: BuiltinModels = {
  'seedance-2': {
    name: 'Seedance 2.0',
    capability: 'text / image to video',
    defaults: { aspect_ratio: '16:9', resolution: '720p' },
    price: { perSecond: 10, times: { resolution: { '1080p': 1.5, '4k': 3 }, generate_audio: { true: 1.5 } } },
    routes: [video('V'), video('KL')],
  },
  'gpt-image-2': {
    name: 'ChatGPT Image 2',
    capability: 'text / image to image',
    defaults: { aspect_ratio: '1:1', resolution: '2K' },
    price: { credits: 15, times: { resolution: { '4K': 2 } } },
    routes: [image('pro')],
  },
  'nano-banana-2': {
    name: 'Nano Banana 2',
    capability: 'text / image to image',
    defaults: { aspect_ratio: '1:1', resolution: '2K' },
    price: { credits: 10, times: { resolution: { '4K': 2 } } },
    routes: [image('std')],
  },
}

/** One for each mode of Keevx, under ids that name it. */
export const keevxModels: BuiltinModels = {
  'keevx-image-std': {
    name: 'Keevx Image Standard',
    capability: 'text / image to image',
    defaults: {},
    price: { credits: 10, times: { resolution: { '4K': 2 } } },
    routes: [image('std')],
  },
  'keevx-image-pro': {
    name: 'Keevx Image Pro',
    capability: 'text / image to image',
    defaults: {},
    price: { credits: 15, times: { resolution: { '4K': 2 } } },
    routes: [image('pro')],
  },
  'keevx-v': {
    name: 'Keevx V',
    capability: 'text / image to video',
    defaults: { aspect_ratio: '16:9', resolution: '720p' },
    price: { perSecond: 10, times: { resolution: { '1080p': 1.5, '4k': 3 }, generate_audio: { true: 1.5 } } },
    routes: [video('V')],
  },
  'keevx-kl': {
    name: 'Keevx KL',
    capability: 'text / image to video',
    defaults: { aspect_ratio: '16:9', resolution: '720p' },
    price: { perSecond: 8, times: { resolution: { '1080p': 1.5 } } },
    routes: [video('KL')],
    compose: { firstFrame: 'keevx-image-std' },
  },
  'keevx-s': {
    name: 'Keevx S',
    capability: 'text / image to video',
    defaults: { aspect_ratio: '16:9', resolution: '720p' },
    price: { perSecond: 6, times: {} },
    routes: [video('S')],
    compose: { firstFrame: 'keevx-image-std' },
  },
}

function image(module: 'std' | 'pro'): RouteConfig {
  return { upstream: 'keevx', operation: 'image_generate', params: { module } }
}

function video(model: 'V' | 'KL' | 'S'): RouteConfig {
  return { upstream: 'keevx', operation: 'image_to_video', params: { model } }
}
