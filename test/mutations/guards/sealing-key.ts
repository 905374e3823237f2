// Guards of the configured sealing key, and of what gateways on one store may not keep for themselves.
import type { Guard } from '../guard.ts'

const probe = 'src/webhooks/signing/probe.ts'
const sealingKey = 'test/webhooks/sealing-key.test.ts'
const sharing = 'test/config/sharing.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a sealing key that is not that of the store is refused at the start',
    file: probe,
    search: 'if (!isNewKey && ',
    replacement: 'if (isNewKey && ',
    tests: [sealingKey],
  },
  {
    name: 'the probe of the store decides, not a secret',
    file: probe,
    search: '  if (probe !== null) return keys.some((each) => isSealedWith(each, probe))\n',
    replacement: '',
    tests: [sealingKey],
  },
  {
    name: 'a configured key leaves its probe',
    file: probe,
    search: '    await requireKnown(tx)\n    await putProbe(tx, key)\n',
    replacement: '    await requireKnown(tx)\n',
    tests: [sealingKey],
  },
  {
    name: 'what the key file sealed is sealed anew',
    file: probe,
    search: '  if (former && !former.equals(key)) await sealAnew(ctx, { former, key })\n',
    replacement: '',
    tests: [sealingKey],
  },
  {
    name: 'a probe without a secret is something sealed',
    file: 'src/webhooks/signing/secrets.ts',
    search: 'for (const table of [webhookSecrets, sealingProbe])',
    replacement: 'for (const table of [webhookSecrets])',
    tests: [sealingKey],
  },
  {
    name: 'a gateway on a shared store has a configured sealing key',
    file: 'src/setup/sharing.ts',
    search: 'config.sealingKey === null ? [',
    replacement: 'config.sealingKey === undefined ? [',
    tests: [sharing],
  },
  {
    name: 'results of a shared store do not lie with one gateway',
    file: 'src/setup/sharing.ts',
    search: ' && !config.media.isShared ? [',
    replacement: ' && config.media.isShared ? [',
    tests: [sharing],
  },
]
