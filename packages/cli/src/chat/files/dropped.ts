/** Whether a paste is what a terminal pastes when a file is dropped on it: the absolute path of one file. */
export function looksDropped(text: string): boolean {
  const line = text.trim()
  return line.length < 4_096 && !line.includes('\n') && /^(?:['"]?(?:\/|[A-Za-z]:\\)|file:\/\/)/.test(line)
}
