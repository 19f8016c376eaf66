/**
 * The rules of Convex itself, and what a deployment refuses and the mock does not; everything else is oxlint's. `pnpm lint:convex`.
 */
import convexPlugin from "@convex-dev/eslint-plugin";
import parser from "@typescript-eslint/parser";

const recommended = convexPlugin.configs.recommended[0];

/** In a mutation they come from a seed, or are refused; in a query they make two of the same differ. */
const randomness = [
  "crypto.getRandomValues",
  "crypto.randomUUID",
  "crypto.subtle.generateKey",
  "newNotificationId",
  "newLeaseId",
];

/** Whatever it is called on. */
const called = (name) => {
  const last = name.split(".").at(-1);
  return [`CallExpression[callee.property.name="${last}"]`, `CallExpression[callee.name="${last}"]`];
};

const banned = [
  {
    selector: 'CallExpression[callee.object.name="Math"][callee.property.name="random"]',
    message: "Math.random is handed in as an option, so that tests bring their own.",
  },
  ...randomness.flatMap((name) =>
    called(name).map((selector) => ({
      selector,
      message: `${name} is for actions: what a mutation needs comes from its caller, or is derived.`,
    })),
  ),
  ...["paginate", "collect"].flatMap((name) =>
    called(name).map((selector) => ({
      selector,
      message: `${name}() has no bound, or does not work in a component: take(), with a limit.`,
    })),
  ),
];

export default [
  { ignores: ["**/_generated/**", "**/*.test.ts"] },
  {
    files: ["packages/convex/src/**/*.ts", "examples/convex-app/convex/**/*.ts"],
    languageOptions: { parser, parserOptions: { projectService: true } },
    plugins: recommended.plugins,
    rules: {
      ...recommended.rules,
      "@convex-dev/import-wrong-runtime": "error",
      "@convex-dev/no-collect-in-query": "error",
      "@convex-dev/no-filter-in-query": "error",
      "no-restricted-syntax": ["error", ...banned],
    },
  },
  {
    // Its functions are the public ones, so each has to look who calls.
    files: ["examples/convex-app/convex/**/*.ts"],
    rules: { "@convex-dev/require-access-control": "error" },
  },
  {
    // Lists are in the order of time: an index of the account alone is no beginning of one that goes on with the id.
    files: ["packages/convex/src/component/schema.ts"],
    rules: { "@convex-dev/no-duplicate-indexes": "off" },
  },
  {
    // The one file whose functions are called in actions alone, and the default of an option.
    files: ["packages/convex/src/client/service-token.ts", "packages/convex/src/client/settings.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
];
