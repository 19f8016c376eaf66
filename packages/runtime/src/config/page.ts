import { configTable } from "./table.ts";

/** The page `docs/runtime-config.md`, whole. */
export const configPage = (): string => `# Configuration of a runtime

\`lobster-runtime\` reads its environment and nothing else. An empty variable is one that is not given. What is wrong is told all at once, by name and never with a value, and ends the program with exit code 78; \`lobster-runtime doctor\` looks further.

<!-- Made by packages/runtime/tests/make-config-page.ts from the schema; do not edit. -->

${configTable()}

## Tokens

Each token is given by its variable or by the file that its \`_FILE\` names, not by both. A file holds one line. It should be readable for its owner alone; the program says so when it is not.

With a bootstrap token the files of the service token and of the gateway's token need not be there: the first start makes both (256 random bits, mode 0600, on the disk before anything is sent) and sends the control plane only the SHA-256 of the service token. A second start, or one after a crash, does the same with the tokens that are there. Once the service token is good, the bootstrap token is not looked at any more.
`;
