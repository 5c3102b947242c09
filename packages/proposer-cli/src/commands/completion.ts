import type { Command } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";

const PROGRAMS = ["synod", "get-state", "send-prepare", "send-accept", "proposer-demo", "acceptor-server"];

/**
 * The shells ask the program itself what may come next (yargs' `--get-yargs-completions`). The form of its answer goes by
 * the login shell, SHELL, which may be another one than the shell that asks.
 */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_synod_completions() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(SHELL=bash ZSH_NAME= "\${COMP_WORDS[0]}" --get-yargs-completions "\${COMP_WORDS[@]}")" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _synod_completions ${PROGRAMS.join(" ")}
`,
  zsh: `#compdef ${PROGRAMS.join(" ")}
_synod_completions() {
  local replies
  replies=("\${(@f)$(SHELL=zsh "\${words[1]}" --get-yargs-completions "\${words[@]}")}")
  _describe 'values' replies
}
compdef _synod_completions ${PROGRAMS.join(" ")}
`,
  fish: `function __synod_completions
  set -l words (commandline -opc) (commandline -ct)
  env SHELL=fish ZSH_NAME= $words[1] --get-yargs-completions $words
end
${PROGRAMS.map((program) => `complete -c ${program} -f -a '(__synod_completions)'`).join("\n")}
`,
};

export const completion: Command = {
  usage: "completion <shell>",
  summary: "Print a script that completes commands and options, for bash, zsh or fish",
  examples: [
    ["source <(synod completion bash)", "in ~/.bashrc"],
    ["source <(synod completion zsh)", "in ~/.zshrc, after compinit"],
    ["synod completion fish | source", "in ~/.config/fish/config.fish"],
  ],
  positionals: { shell: { type: "string", choices: Object.keys(SCRIPTS), describe: "The shell" } },
  options: {},
  run: async (args, terminal) => {
    terminal.data(SCRIPTS[args["shell"] as string] ?? "");
    return { exitCode: ExitCode.done };
  },
};
