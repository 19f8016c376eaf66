#!/usr/bin/env node
import { openLogger } from "./open-logger.ts";
import { run } from "./run.ts";

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  out: (line) => console.log(line),
  note: (line) => console.error(line),
  logger: openLogger,
  onSignal(listener) {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => listener(signal));
  },
  exit: (code) => process.exit(code),
});
// Whatever still holds the process has had its time.
setTimeout(() => process.exit(), 1_000).unref();
