import { documentFile } from "./fake/document.ts";

/** Says what will be skipped. With CI set, a skipped test fails the suite. */
export default function setup(): void {
  if (documentFile === null)
    console.log(
      "skipped: no document. LOBSTER_DATA names the folder that has digitalocean-openapi.min.json.",
    );
}
