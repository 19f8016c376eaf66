/**
 * `node tools/fetch-data.mjs FOLDER`: fetches the test data that is not ours, each file at a pinned commit and checked by
 * its SHA-256. Tests look for it in the folder that LOBSTER_DATA names; without it they say that they skip.
 *
 * Plain JavaScript without dependencies: it runs before the install.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const files = [
  {
    name: "wycheproof-aes-256-gcm-96.json",
    // Apache-2.0, https://github.com/C2SP/wycheproof
    url: "https://raw.githubusercontent.com/C2SP/wycheproof/dac1dd4729fd1f8dd9e1e9f3dce51d783da6c166/testvectors_v1/aes_gcm_test.json",
    sha256: "985e5ecc172e181eaf49e89508b9470dcf478002eb7e8559c707eb42dc97dfe7",
    /** Only the sizes that an envelope has. */
    keep: (vectors) => ({
      ...vectors,
      testGroups: vectors.testGroups.filter(({ keySize, ivSize }) => keySize === 256 && ivSize === 96),
    }),
  },
];

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("Say into which folder: node tools/fetch-data.mjs FOLDER");
mkdirSync(folder, { recursive: true });
for (const { name, url, sha256, keep } of files) {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
  const bytes = Buffer.from(await response.arrayBuffer());
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256)
    throw new Error(`${name}: its SHA-256 is ${found}, not ${sha256}. Nothing was written.`);
  writeFileSync(join(folder, name), `${JSON.stringify(keep(JSON.parse(bytes.toString("utf8"))), null, 1)}\n`);
  console.log(`${name}: ${bytes.length} bytes, checked`);
}
