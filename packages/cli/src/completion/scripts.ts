import type { Shell } from '../lib/tool-env.js'

/* What each shell evaluates. All of them ask `caicaini completion words`, so that they know what this version knows. */

const BASH = `# caicaini completion bash: put  eval "$(caicaini completion bash)"  into ~/.bashrc
_caicaini() {
  local IFS=$'\\n'
  COMPREPLY=($(caicaini completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _caicaini caicaini
`

const ZSH = `#compdef caicaini
# caicaini completion zsh: put  eval "$(caicaini completion zsh)"  into ~/.zshrc, after compinit
_caicaini() {
  local line
  local -a found
  for line in "\${(@f)$(caicaini completion words --about -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#found} )); then _describe caicaini found; else _files; fi
}
compdef _caicaini caicaini
`

const FISH = `# caicaini completion fish: caicaini completion fish > ~/.config/fish/completions/caicaini.fish
complete -c caicaini -a '(caicaini completion words --about -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`

// Windows PowerShell 5.1 drops an empty argument: the words before it and --next say the same.
const POWERSHELL = `# caicaini completion powershell: put  caicaini completion powershell | Out-String | Invoke-Expression  into $PROFILE
Register-ArgumentCompleter -Native -CommandName caicaini -ScriptBlock {
  param($word, $ast, $cursor)
  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -eq '') { $found = caicaini completion words --next -- @words 2>$null }
  else { $found = caicaini completion words -- @words 2>$null }
  $found | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`

export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
  powershell: POWERSHELL
}
