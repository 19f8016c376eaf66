#!/usr/bin/env node
import { text } from "node:stream/consumers";
import { openSqliteStore } from "./open-sqlite-store.ts";
import { run } from "./run.ts";

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  readInput: () => text(process.stdin),
  out: (line) => console.log(line),
  note: (line) => console.error(line),
  openStore: openSqliteStore,
});
