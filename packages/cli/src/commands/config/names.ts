import { usageError } from '../../lib/cli-error.js'
import { isSettingName, SETTINGS, type SettingName } from '../../lib/config.js'

export function requireSettingName(name: string): SettingName {
  if (isSettingName(name)) return name
  throw usageError(`no setting is named '${name}': there are ${Object.keys(SETTINGS).join(', ')}`)
}
