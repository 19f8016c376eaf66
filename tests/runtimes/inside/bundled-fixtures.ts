/** The files that tests read, by their paths. `without-node.ts` puts them in when it bundles this. */
export const fixtures: Readonly<Record<string, string>> = {};
