/**
 * Compiles every ```ts sample: of the README files, of the guides, and of the doc comments in the packages. Samples are
 * checked against the packages' sources, as the modules that a reader would make of them. There is no way to opt out; what
 * is no TypeScript is no ```ts fence.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import ts from "typescript";

interface Snippet {
  /** The file that holds it. */
  file: string;
  /** The line of its first line of code in that file, from 1. */
  line: number;
  code: string;
}

const markdown = globSync(["README.md", "packages/*/README.md", "docs/**/*.md"], {
  exclude: ["**/node_modules/**", "docs/api/**", "docs/.vitepress/**"],
});
const sources = globSync("packages/*/src/**/*.ts", { exclude: ["**/_generated/**"] });
const snippets = [
  ...markdown.flatMap((file) => inMarkdown(file, readFileSync(file, "utf8"))),
  ...sources.flatMap((file) => inDocComments(file, readFileSync(file, "utf8"))),
];

const virtual = new Map(snippets.map((snippet) => [moduleOf(snippet), snippet]));
const options: ts.CompilerOptions = { ...baseOptions(), paths: packagePaths() };
const host = ts.createCompilerHost(options);
const program = ts.createProgram([...virtual.keys()], options, {
  ...host,
  fileExists: (name) => virtual.has(resolve(name)) || host.fileExists(name),
  readFile: (name) => codeOf(name) ?? host.readFile(name),
  getSourceFile(name, languageVersion, ...rest) {
    const code = codeOf(name);
    return code === undefined
      ? host.getSourceFile(name, languageVersion, ...rest)
      : ts.createSourceFile(name, code, languageVersion, true);
  },
});

let problems = 0;
for (const [name, snippet] of virtual) {
  const source = program.getSourceFile(name);
  for (const diagnostic of ts.getPreEmitDiagnostics(program, source)) {
    problems += 1;
    const offset =
      source === undefined ? 0 : source.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line;
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n  ");
    console.error(`${snippet.file}:${snippet.line + offset}: TS${diagnostic.code}: ${text}`);
  }
}
console.log(`${snippets.length} samples, ${problems} problems`);
process.exitCode = problems > 0 || snippets.length === 0 ? 1 : 0;

function inMarkdown(file: string, text: string, firstLine = 1): Snippet[] {
  return Array.from(text.matchAll(/^([ \t]*)```(?:ts|typescript)\b[^\n]*\n(.*?)^[ \t]*```/gms), (match) => ({
    file,
    line: firstLine + text.slice(0, match.index).split("\n").length,
    code: match[2] ?? "",
  }));
}

function inDocComments(file: string, text: string): Snippet[] {
  return Array.from(text.matchAll(/\/\*\*.*?\*\//gs), (comment) => {
    const firstLine = text.slice(0, comment.index).split("\n").length;
    const body = comment[0].replaceAll(/^[ \t]*\* ?/gm, "");
    return inMarkdown(file, body, firstLine);
  }).flat();
}

/** Where the module stands that a sample becomes: beside its file, so that it finds what its package depends on. */
function moduleOf({ file, line }: Snippet): string {
  return resolve(dirname(file), `${file.replaceAll(/\W+/g, "_")}_line_${line}.ts`);
}

function codeOf(name: string): string | undefined {
  const snippet = virtual.get(resolve(name));
  // The export makes a module even of a sample that imports nothing.
  return snippet === undefined ? undefined : `${snippet.code}\nexport {};\n`;
}

function baseOptions(): ts.CompilerOptions {
  const file = "tsconfig.base.json";
  const { config } = ts.readConfigFile(file, (name) => readFileSync(name, "utf8"));
  return ts.parseJsonConfigFileContent(config, ts.sys, process.cwd(), {}, file).options;
}

/** What each package exports, by the name under which a reader imports it. */
function packagePaths(): Record<string, string[]> {
  const paths: Record<string, string[]> = {};
  for (const file of globSync("packages/*/package.json")) {
    const manifest = JSON.parse(readFileSync(file, "utf8")) as {
      name: string;
      exports: Record<string, string | Record<string, string>>;
    };
    for (const [subpath, target] of Object.entries(manifest.exports)) {
      const source = typeof target === "string" ? undefined : target["@lobstercontrol/source"];
      if (source === undefined) continue;
      paths[manifest.name + subpath.slice(1)] = [
        `./${relative(".", resolve(dirname(file), source)).replaceAll("\\", "/")}`,
      ];
    }
  }
  return paths;
}
