import { existsSync } from "node:fs";
import { resolve } from "node:path";

const folder = process.env["LOBSTER_DATA"] ?? resolve(import.meta.dirname, "../../../../shared/data");
const file = resolve(folder, "digitalocean-openapi.min.json");

/** Where DigitalOcean's document of its API is; null when it is not there. It is not ours, so it is not in the repository. */
export const documentFile: string | null = existsSync(file) ? file : null;
