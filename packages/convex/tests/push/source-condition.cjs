/**
 * Loaded into Convex's command before itself: lets its bundler take the packages of this repository from their sources, so that
 * codegen needs no build. What is published is bundled as it is by packed.test.ts.
 */
"use strict";
const { createRequire } = require("node:module");

const path = createRequire(require.resolve("convex/package.json")).resolve("esbuild");
const esbuild = require(path);
const build = (options) =>
  esbuild.build({ ...options, conditions: ["@lobstercontrol/source", ...(options.conditions ?? [])] });
require.cache[path].exports = { ...esbuild, build };
