import type { Command } from 'commander'
import type { Context } from './context.js'

/** What a command file exports, beside its `run`. */
export interface CommandFile {
  /** Declares arguments and flags and the action that runs them. */
  define(command: Command, context: () => Context): void
}

export interface Entry {
  readonly summary: string
  readonly load: () => Promise<CommandFile>
}

/** Every command by its words. A command's file is loaded only when it is called. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  'auth login': { summary: 'sign in', load: () => import('./commands/auth/login.js') },
  'auth logout': { summary: 'forget the stored key', load: () => import('./commands/auth/logout.js') },
  'auth status': { summary: 'who is signed in, and where', load: () => import('./commands/auth/status.js') },
  'auth token': { summary: 'print the key in use', load: () => import('./commands/auth/token.js') },
  'account show': { summary: 'who your account is', load: () => import('./commands/account/show.js') },
  'account export': { summary: 'all that it has, as a ZIP', load: () => import('./commands/account/export.js') },
  'account close': { summary: 'leave for good', load: () => import('./commands/account/close.js') },
  'account second-factor show': {
    summary: 'what is asked for beside the password',
    load: () => import('./commands/account/second-factor/show.js')
  },
  'account second-factor enable': {
    summary: 'set up an authenticator app',
    load: () => import('./commands/account/second-factor/enable.js')
  },
  'account second-factor disable': {
    summary: 'ask for its codes no more',
    load: () => import('./commands/account/second-factor/disable.js')
  },
  'account second-factor recovery-codes': {
    summary: 'ten new recovery codes',
    load: () => import('./commands/account/second-factor/recovery-codes.js')
  },
  models: { summary: 'the models and their prices', load: () => import('./commands/models.js') },
  balance: { summary: 'the credits left', load: () => import('./commands/balance.js') },
  plans: { summary: 'the plans, and what a change today would cost', load: () => import('./commands/plans.js') },
  usage: { summary: 'what was used, and what it cost', load: () => import('./commands/usage.js') },
  'receipts list': { summary: 'what your requests were billed', load: () => import('./commands/receipts/list.js') },
  'receipts show': { summary: 'what one request was billed', load: () => import('./commands/receipts/show.js') },
  'receipts export': {
    summary: 'the whole book of your account',
    load: () => import('./commands/receipts/export.js')
  },
  'receipts verify': {
    summary: 'check a book or a receipt, offline',
    load: () => import('./commands/receipts/verify.js')
  },
  'keys list': { summary: 'your API keys', load: () => import('./commands/keys/list.js') },
  'keys create': { summary: 'make a key and print it', load: () => import('./commands/keys/create.js') },
  'keys edit': { summary: "change a key's name or quota", load: () => import('./commands/keys/edit.js') },
  'keys disable': { summary: 'refuse a key until it is enabled', load: () => import('./commands/keys/disable.js') },
  'keys enable': { summary: 'accept a disabled key again', load: () => import('./commands/keys/enable.js') },
  'keys rotate': { summary: 'another text for a key', load: () => import('./commands/keys/rotate.js') },
  'keys revoke': { summary: 'refuse a key for good', load: () => import('./commands/keys/revoke.js') },
  'chats list': { summary: 'the chats that you keep', load: () => import('./commands/chats/list.js') },
  'chats show': { summary: 'what was said in one', load: () => import('./commands/chats/show.js') },
  'chats search': { summary: 'those with certain words', load: () => import('./commands/chats/search.js') },
  'chats rename': { summary: 'give one a title', load: () => import('./commands/chats/rename.js') },
  'chats export': { summary: 'one as Markdown or JSON', load: () => import('./commands/chats/export.js') },
  'chats delete': { summary: 'delete some for good', load: () => import('./commands/chats/delete.js') },
  'templates list': { summary: 'your saved prompts', load: () => import('./commands/templates/list.js') },
  'templates show': { summary: 'print one', load: () => import('./commands/templates/show.js') },
  'templates edit': { summary: 'change one, or make it', load: () => import('./commands/templates/edit.js') },
  'templates remove': { summary: 'delete one', load: () => import('./commands/templates/remove.js') },
  'config get': { summary: 'print one setting', load: () => import('./commands/config/get.js') },
  'config set': { summary: 'change one setting', load: () => import('./commands/config/set.js') },
  'config list': { summary: 'every setting and where it comes from', load: () => import('./commands/config/list.js') },
  'config path': { summary: 'where the settings lie', load: () => import('./commands/config/path.js') },
  doctor: { summary: 'what works, and what to do about the rest', load: () => import('./commands/doctor.js') },
  completion: {
    summary: 'a script that completes words at Tab',
    load: () => import('./commands/completion/completion.js')
  },
  'completion words': {
    summary: 'what such a script asks',
    load: async () => (await import('./commands/completion/words.js')).wordsOf({ commands: COMMANDS, groups: GROUPS })
  },
  batch: { summary: 'many prompts from a file', load: () => import('./commands/batch.js') },
  run: { summary: 'run another tool on this account, capped', load: () => import('./commands/run/run.js') },
  'run raise': { summary: 'let it spend more while it runs', load: () => import('./commands/run/raise.js') },
  env: { summary: 'the variables that other tools need', load: () => import('./commands/env.js') },
  update: { summary: 'the newest version, or the one before', load: () => import('./commands/update.js') },
  uninstall: { summary: 'take the program away again', load: () => import('./commands/uninstall.js') },
  serve: { summary: 'run the server for others', load: () => import('./commands/serve.js') },
  'admin users list': { summary: 'every account', load: () => import('./commands/admin/users-list.js') },
  'admin users create': { summary: 'make an account', load: () => import('./commands/admin/users-create.js') },
  'admin users role': {
    summary: 'what an account may do as an operator',
    load: () => import('./commands/admin/users-role.js')
  },
  'admin users suspend': {
    summary: 'stop an account for now',
    load: () => import('./commands/admin/users-suspend.js')
  },
  'admin users unsuspend': {
    summary: 'let a stopped account act again',
    load: () => import('./commands/admin/users-unsuspend.js')
  },
  'admin users ban': { summary: 'stop an account for good', load: () => import('./commands/admin/users-ban.js') },
  'admin users reset-second-factor': {
    summary: 'for who lost phone and recovery codes',
    load: () => import('./commands/admin/users-reset-second-factor.js')
  },
  'admin users limits': {
    summary: "an account's own rate limits",
    load: () => import('./commands/admin/users-limits.js')
  },
  'admin credits grant': {
    summary: 'give an account credits',
    load: () => import('./commands/admin/credits-grant.js')
  },
  'admin subscriptions show': {
    summary: "an account's plan",
    load: () => import('./commands/admin/subscriptions-show.js')
  },
  'admin subscriptions set': {
    summary: 'put an account on a plan',
    load: () => import('./commands/admin/subscriptions-set.js')
  },
  'admin subscriptions end': {
    summary: 'let a plan end with this month',
    load: () => import('./commands/admin/subscriptions-end.js')
  },
  'admin catalog changes': {
    summary: 'what the catalog takes from running subscriptions',
    load: () => import('./commands/admin/catalog-changes.js')
  },
  'admin catalog force': {
    summary: 'let such a change hold at once',
    load: () => import('./commands/admin/catalog-force.js')
  },
  'admin catalog reload': {
    summary: 'let running servers read their catalog again',
    load: () => import('./commands/admin/catalog-reload.js')
  },
  'admin providers': {
    summary: 'how the providers are doing',
    load: () => import('./commands/admin/providers.js')
  },
  'admin providers test': {
    summary: 'ask a provider for one token',
    load: () => import('./commands/admin/providers-test.js')
  },
  'admin events': { summary: 'what operators did', load: () => import('./commands/admin/events.js') },
  'admin requests list': {
    summary: 'what people ask about their data',
    load: () => import('./commands/admin/requests-list.js')
  },
  'admin requests close': {
    summary: 'note that one was answered',
    load: () => import('./commands/admin/requests-close.js')
  },
  'admin audit': { summary: 'who did what, to whom, from where', load: () => import('./commands/admin/audit.js') },
  'admin flags list': {
    summary: 'what operators should look at',
    load: () => import('./commands/admin/flags-list.js')
  },
  'admin flags dismiss': { summary: 'it was looked at', load: () => import('./commands/admin/flags-dismiss.js') },
  'admin flags release': {
    summary: 'give an account its free credits that wait',
    load: () => import('./commands/admin/flags-release.js')
  },
  'admin credits adjust': {
    summary: 'take credits back as a correction',
    load: () => import('./commands/admin/credits-adjust.js')
  },
  'admin credits forfeit': {
    summary: 'take everything, for a closure or a violation',
    load: () => import('./commands/admin/credits-forfeit.js')
  },
  'admin credits reconcile': {
    summary: "give back what a provider's bad hour was charged",
    load: () => import('./commands/admin/credits-reconcile.js')
  },
  'admin ledger export': {
    summary: 'every entry of every account',
    load: () => import('./commands/admin/ledger-export.js')
  },
  'admin ledger audit': { summary: 'recompute every balance', load: () => import('./commands/admin/ledger-audit.js') }
}

/** The commands that only hold others. */
export const GROUPS: Readonly<Record<string, string>> = {
  auth: 'sign in, sign out, who am I',
  account: 'your account',
  'account second-factor': 'what is asked for beside the password',
  receipts: 'what requests were billed',
  keys: 'API keys',
  chats: 'chats that your account keeps',
  templates: 'saved prompts',
  config: 'settings',
  admin: 'for operators of a server',
  'admin users': 'accounts',
  'admin credits': 'credits of an account',
  'admin requests': 'what people ask about their data',
  'admin subscriptions': 'plans of accounts',
  'admin catalog': 'models, plans and prices',
  'admin ledger': 'the books',
  'admin flags': 'signs of abuse'
}
