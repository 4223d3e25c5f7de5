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
  -f, --file PATH            a text, image or PDF that goes along; may be given again
      --system TEXT          instructions that stand before the conversation
      --system-file PATH     the same from a file
      --template NAME        a saved prompt: \`caicaini templates\`
      --max-tokens N         longest answer, in tokens (the server may lower it)
      --max-credits N        send nothing that would cost more, and pay for no longer answer
      --effort LEVEL         low, medium, high, xhigh or max, for models that know it
      --output-format FORMAT text (as it arrives), json (one object at the end) or stream-json (a line for each part)
  -x, --extract              only the first code block of the answer (--xl: the last)
      --xl                   only the last code block
      --schema FILE          a JSON answer, checked against this JSON Schema
  -o, --output FILE          write the answer there, whole or not at all
      --dry-run              say what it would cost and send nothing
      --raw                  let escape sequences in the answer through; no markdown on a terminal
      --no-stdin             do not read stdin
  -q, --quiet                no cost line
  -c, --continue             go on with the last chat
  -r, --resume [ID]          go on with that chat; in a chat without ID: choose one
      --fork                 with -c or -r: in a copy of that chat
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
  templates list|show|edit|remove   saved prompts
  config get|set|list|path          settings
  doctor                            what works, and what to do about the rest
  completion bash|zsh|fish|powershell   words at Tab (they ask \`completion words\`)
  batch FILE -o OUT                 many prompts from a file; goes on where it stopped
  run -- COMMAND, run raise N       another tool on this account, capped; more for it
  env                               the variables that other tools need
  update                            the newest version, or with --rollback the one before
  uninstall                         take the program away again
  serve                             run the server for others
  admin users|subscriptions|credits|catalog|providers|events|audit|flags|requests|ledger   for operators

Exit codes: 0 ok, 1 other, 2 usage, 4 not signed in or key refused, 5 out of credits or above
  --max-credits, 6 rate-limited, 7 server unreachable, 8 answer cut short, 9 not in this plan, 130 interrupted

A prompt that begins like a command: caicaini -p models of the atom
`
