// The part of socket.io-client's browser bundle that wire.js uses; the bundle itself carries no types.
declare module "*/socket.io.esm.min.js" {
  export interface Socket {
    connected: boolean;
    /** whether it will try to connect again by itself */
    active: boolean;
    connect(): Socket;
    disconnect(): Socket;
    on(event: string, listener: (payload: any) => void): Socket;
    timeout(ms: number): { emit(event: string, payload: unknown, ack: (error: Error | null, reply: any) => void): void };
  }
  export function io(address: string, options: Record<string, unknown>): Socket;
}
