/** What a server is started with cannot be used: the message names the setting, file or field, and the mend. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ConfigError'
  }
}
