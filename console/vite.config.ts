// Builds the console into `console/built/`, which is committed: a gateway serves it as it stands.
import { fileURLToPath } from 'node:url'
import tailwind from '@tailwindcss/vite'
import { defineConfig } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Keys of an icon's lines are random letters, which no packing makes smaller; its lines never change places. */
const icons = {
  name: 'icons-without-keys',
  transform: (code: string, id: string) =>
    id.includes('lucide-preact') ? { code: code.replaceAll(/,?\s*key: "\w+"/g, ''), map: null } : undefined,
}

/** Charts have bars alone: whatever else could be drawn, and joined, is left out of what readers load. */
const bars = {
  name: 'charts-of-bars',
  transform(code: string, id: string) {
    if (!id.endsWith('uPlot.esm.js')) return undefined
    const unused =
      /\t(?:\(paths\.(?:stepped|spline)\s*=\s*\w+\)|uPlot\.(?:join|addGap|clipGaps)\s*=\s*\w+);\n/g
    const less = code.replaceAll(unused, '')
    if (less === code) throw new Error('uPlot is built otherwise now: look at console/vite.config.ts')
    return { code: less, map: null }
  },
}

export default defineConfig({
  root: here,
  // The gateway writes its own root before these paths, as it may be served under a path of a proxy.
  base: './',
  plugins: [tailwind(), icons, bars],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'built',
    emptyOutDir: true,
    target: 'es2022',
    cssTarget: 'chrome111',
    // Every page is in one file beside the shared one, so there is nothing to load ahead.
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: `${here}index.html`, docs: `${here}src/docs/docs.ts` },
      output: {
        // What most pages share is loaded at once, and packs better together.
        codeSplitting: {
          groups: [
            {
              name: 'shared',
              test: /console\/src\/(?:(?:parts|api|language|look|shell)\/(?!chart)|pages\/not-found|\w+\.tsx?$)|node_modules\/(?!uplot)/,
            },
          ],
        },
        // Pages of documentation are made by the gateway, which asks for these two by name.
        entryFileNames: ({ name }) => (name === 'docs' ? 'docs/docs.js' : 'assets/[name]-[hash].js'),
        assetFileNames: ({ names }) =>
          names[0] === 'docs.css' ? 'docs/docs.css' : 'assets/[name]-[hash][extname]',
      },
    },
  },
})
