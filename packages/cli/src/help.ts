/** What `caicaini --help` prints. Written by hand so that it needs no parser; a test holds it to the program. */
export const HELP = `Caicaini Code: chat with a model in the terminal, pipe prompts in scripts, see what each message was billed.

Usage: caicaini [options] [prompt...]
       caicaini [options] COMMAND

With a prompt or piped stdin: one answer on stdout, then exit. On a terminal without a prompt: a chat.

Examples:
  caicaini                                          chat
  caicaini "why is the sky blue?"                   one answer
  git diff | caicaini -m opus "review this"         prompt and stdin
  caicaini --local "say hello"                      without signing in, on this machine
  caicaini --output-format json "2+2" | jq .text    for scripts

Options:
  -p, --print                one answer even on a terminal; every word is the prompt
  -m, --model NAME           auto, opus, sonnet, haiku, kimi or any id of \`caicaini models\`
      --system TEXT          instructions that stand before the conversation
      --max-tokens N         longest answer, in tokens (the server may lower it)
      --output-format FORMAT text (as it arrives) or json (one object at the end)
      --raw                  let escape sequences in the answer through
      --no-stdin             do not read stdin
  -q, --quiet                no cost line
  -c, --continue             go on with the last chat
  -r, --resume [ID]          go on with that chat; in a chat without ID: choose one
      --save                 keep one answer as a chat (a chat is kept anyway)
      --no-save              keep nothing of this chat
      --screen-reader        the chat as plain lines in order, nothing redrawn
      --local                the server inside this process, as the owner of the data directory
      --data DIR             that data directory (CAICAINI_DATA_DIR)
  -V, --version              print the version
  -h, --help                 print this; \`caicaini COMMAND --help\` tells about a command

Commands:
  auth login|logout|status|token    sign in, sign out, who am I
  account show|export|close|second-factor   your account
  models                            the models and their prices
  balance                           the credits left
  plans                             the plans, and what a change today would cost
  usage                             what was used, and what it cost
  receipts list|show|export|verify  what requests were billed
  keys list|create|edit|disable|enable|rotate|revoke   API keys
  chats list|show|search|rename|export|delete   chats that your account keeps
  config get|set|list|path          settings
  update                            the newest version, or with --rollback the one before
  uninstall                         take the program away again
  serve                             run the server for others
  admin users|subscriptions|credits|catalog|providers|events|audit|flags|requests|ledger   for operators

Exit codes: 0 ok, 1 other, 2 usage, 4 not signed in or key refused, 5 out of credits, 6 rate-limited,
  7 server unreachable, 8 answer cut short, 9 not in this plan, 130 interrupted

A prompt that begins like a command: caicaini -p models of the atom
`
