declare module '@caicaini/server' {
  export interface ServerOptions {
    dataDir: string
    catalogPath?: string
    env: Readonly<Record<string, string | undefined>>
    log: 'silent' | 'stderr'
  }
  export interface Server {
    fetch(request: Request): Promise<Response>
    fetchLocal(request: Request): Promise<Response>
    listen(options: { host: string; port: number }): Promise<{ url: string }>
    close(): Promise<void>
  }
  export function createServer(options: ServerOptions): Promise<Server>
}
