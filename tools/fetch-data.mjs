/**
 * `node tools/fetch-data.mjs FOLDER`: fetches the test data that is not ours, each at a pinned commit and checked by its
 * SHA-256. Tests look for it in the folder that LOBSTER_DATA names; without it they say that they skip.
 *
 * Plain JavaScript without dependencies: it runs before the install. It needs `tar` and `npx`.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("Say into which folder: node tools/fetch-data.mjs FOLDER");
mkdirSync(folder, { recursive: true });
await wycheproof("wycheproof-aes-256-gcm-96.json");
await digitalOcean("digitalocean-openapi.min.json");

/** Apache-2.0, https://github.com/C2SP/wycheproof: only the sizes that an envelope has. */
async function wycheproof(name) {
  const bytes = await download(
    "https://raw.githubusercontent.com/C2SP/wycheproof/dac1dd4729fd1f8dd9e1e9f3dce51d783da6c166/testvectors_v1/aes_gcm_test.json",
  );
  check(name, bytes, "985e5ecc172e181eaf49e89508b9470dcf478002eb7e8559c707eb42dc97dfe7");
  const vectors = JSON.parse(bytes.toString("utf8"));
  const testGroups = vectors.testGroups.filter(({ keySize, ivSize }) => keySize === 256 && ivSize === 96);
  writeFileSync(join(folder, name), `${JSON.stringify({ ...vectors, testGroups }, null, 1)}\n`);
}

/** Apache-2.0, https://github.com/digitalocean/openapi: bundled into one file by what DigitalOcean bundles it with. */
async function digitalOcean(name) {
  const commit = "7c1300c479fed9c353cda9fc21cd968619552304";
  const archive = await download(`https://codeload.github.com/digitalocean/openapi/tar.gz/${commit}`);
  const work = mkdtempSync(join(tmpdir(), "openapi-"));
  try {
    execFileSync("tar", ["-xzf", "-", "--strip-components=1"], { cwd: work, input: archive });
    const bundle =
      "npx -y @redocly/cli@1.34.5 bundle specification/DigitalOcean-public.v2.yaml --ext json -o bundle.json";
    // Through a shell, because on Windows npx is a script that only a shell starts.
    execFileSync(bundle, { cwd: work, shell: true, stdio: ["ignore", "ignore", "pipe"] });
    // Not the archive, which the host may pack differently tomorrow: what came of it.
    const bytes = readFileSync(join(work, "bundle.json"));
    check(name, bytes, "bdff7c47ad24806add5132b09b167f6f4e3d15747a4d56a0b69058629110b447");
    writeFileSync(join(folder, name), bytes);
  } finally {
    rmSync(work, { recursive: true });
  }
}

async function download(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(120_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
  return Buffer.from(await response.arrayBuffer());
}

function check(name, bytes, sha256) {
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256)
    throw new Error(`${name}: its SHA-256 is ${found}, not ${sha256}. It was not written.`);
  console.log(`${name}: ${bytes.length} bytes, checked`);
}
