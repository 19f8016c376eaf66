import { globSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
// Written by TypeDoc, which runs first; see the scripts of docs/package.json.
import api from "../api/typedoc-sidebar.json" with { type: "json" };

const repository = "https://github.com/lobstercontrol/lobstercontrol";
const pagesOf = (pattern: string): string[] =>
  globSync(pattern, { cwd: fileURLToPath(new URL("..", import.meta.url)) })
    .map((file) => basename(file, ".md"))
    .toSorted();

export default defineConfig({
  title: "LobsterControl",
  description: "Give every account of your platform an OpenClaw server of its own.",
  lang: "en",
  // The public site lives below a path; errors link to it.
  base: process.env["DOCS_BASE"] ?? "/",
  cleanUrls: true,
  ignoreDeadLinks: false,
  head: [
    ["link", { rel: "icon", type: "image/svg+xml", href: `${process.env["DOCS_BASE"] ?? "/"}lobster.svg` }],
  ],
  // The search index is one large chunk, fetched when somebody searches.
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  themeConfig: {
    logo: "/lobster.svg",
    search: { provider: "local" },
    socialLinks: [{ icon: "github", link: repository }],
    nav: [
      { text: "Guide", link: "/quickstart" },
      { text: "Errors", link: "/errors/" },
      { text: "API", link: "/api/" },
    ],
    sidebar: {
      "/api/": [{ text: "API", items: api }],
      "/errors/": [
        {
          text: "Errors",
          link: "/errors/",
          items: pagesOf("errors/ERR_*.md").map((code) => ({ text: code, link: `/errors/${code}` })),
        },
      ],
      "/runbooks/": [
        {
          text: "Runbooks",
          items: pagesOf("runbooks/*.md").map((type) => ({ text: type, link: `/runbooks/${type}` })),
        },
      ],
      "/": [
        {
          text: "Guide",
          items: [
            { text: "Quickstart", link: "/quickstart" },
            { text: "Concepts", link: "/concepts" },
            { text: "Run a runtime", link: "/runtime" },
            { text: "Configuration", link: "/runtime-config" },
            { text: "Agents", link: "/agents" },
            { text: "Provider keys", link: "/provider-keys" },
            { text: "Provisioning", link: "/provisioning" },
            { text: "The droplet", link: "/droplet" },
            { text: "DigitalOcean", link: "/digitalocean" },
            { text: "Convex", link: "/convex" },
            { text: "HTTP binding", link: "/http-binding" },
            { text: "Control from elsewhere", link: "/pairing" },
            { text: "Envelope format v1", link: "/envelope-format" },
            { text: "Security", link: "/security" },
            { text: "Benchmarks", link: "/benchmarks" },
            { text: "Errors", link: "/errors/" },
          ],
        },
      ],
    },
    outline: [2, 3],
    editLink: { pattern: `${repository}/edit/main/docs/:path`, text: "Edit this page" },
    footer: { message: "MIT License" },
  },
});
