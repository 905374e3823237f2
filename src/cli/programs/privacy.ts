// The commands about all that is known of an account and their options; each command's code is loaded only when it runs.
import type { Command } from 'commander'

/** They stand beside the other commands about accounts. */
export function addPrivacyCommands(program: Command): void {
  const accounts = program.commands.find((command) => command.name() === 'accounts')
  accounts
    ?.command('export <account> [file]')
    .description(
      'everything that is known of an account, as JSON lines; a file that was broken off is gone on with',
    )
    .action(async (id, file, options) =>
      (await import('../commands/privacy.ts')).exportOne(id, file, options),
    )
  accounts
    ?.command('erase <account>')
    .description('for ever: name, keys, prompts, URLs, files, notes; entries stay, without texts')
    .option('--forfeit', 'write off the credits that it has or owes')
    .option('--yes', 'without asking back')
    .action(async (id, options) => (await import('../commands/privacy.ts')).eraseOne(id, options))
}
