import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { defineDecision, type Options, stopAccount } from './standing.js'

export function define(command: Command, context: () => Context): void {
  defineDecision(command, context, run)
}

export async function run(username: string, options: Options, context: Context): Promise<void> {
  await stopAccount(username, 'suspend', options, context)
}
