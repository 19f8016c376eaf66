/** The processes of the bench: the gateway, and one for each way. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Task, TaskResult } from "./worker.ts";

export async function startGateway(): Promise<{ port: number; stop(): void }> {
  const child = fork(join(import.meta.dirname, "gateway.ts"));
  return { port: (await answer(child)) as number, stop: () => child.disconnect() };
}

export interface Worker {
  /** Measures now. */
  run(task: Task): Promise<TaskResult>;
  /** Ends the process, and waits until it has. */
  stop(): Promise<void>;
}

export async function startWorker(
  file: string,
  [library, way]: readonly [string, string],
  port: number,
  execArgv: readonly string[],
): Promise<Worker> {
  const child = fork(file, [library, way, String(port)], { execArgv: ["--expose-gc", ...execArgv] });
  const result = async (): Promise<TaskResult> => {
    const message = (await answer(child)) as TaskResult | { error: string };
    if ("error" in message) throw new Error(message.error);
    return message;
  };
  await result();
  return {
    run(task) {
      child.send(task);
      return result();
    },
    async stop() {
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
    },
  };
}

async function answer(child: ChildProcess): Promise<unknown> {
  const settled = new AbortController();
  try {
    const { signal } = settled;
    return await Promise.race([
      once(child, "message", { signal }).then(([message]) => message as unknown),
      once(child, "exit", { signal }).then(([code]) => {
        throw new Error(`a process of the bench ended with ${String(code)}`);
      }),
    ]);
  } finally {
    settled.abort();
  }
}
