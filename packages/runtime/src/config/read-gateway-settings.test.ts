import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ConfigInvalidError } from "./errors.ts";
import { readGatewaySettings } from "./read-gateway-settings.ts";

function fileOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "lobster-settings-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "settings.json");
  writeFileSync(path, text);
  return path;
}

it("reads what the gateway's configuration says besides agents and keys", () => {
  const said = {
    template: { skills: { load: {} }, gateway: { bind: "lan" } },
    tools: { profile: "messaging" },
    toolsOf: { coder: { profile: "coding", deny: ["exec"] } },
    providers: { own: { baseUrl: "http://127.0.0.1:1/v1", model: "m" } },
    preferred: ["own"],
  };
  expect(readGatewaySettings(fileOf(JSON.stringify(said)))).toEqual(said);
  expect(readGatewaySettings(undefined)).toEqual({});
});

it.each([
  ["a word that there is not", '{"tool":{}}', "its top"],
  ["a profile that there is not", '{"tools":{"profile":"canary"}}', "tools.profile"],
  ["an address that is none", '{"providers":{"own":{"baseUrl":"canary"}}}', "providers.own.baseUrl"],
  ["no object", '["canary"]', "its top"],
  ["no JSON", '{"canary', "no JSON"],
])("refuses %s, names the place, and repeats no value", (_, text, place) => {
  let caught: unknown;
  try {
    readGatewaySettings(fileOf(text));
  } catch (error) {
    caught = error;
  }
  expect(ConfigInvalidError.isInstance(caught)).toBe(true);
  expect(String(caught)).toContain(place);
  expect(JSON.stringify(caught)).not.toContain("canary");
});

it("says when the file is not there", () => {
  expect(() => readGatewaySettings("/nowhere/settings.json")).toThrow(/GATEWAY_SETTINGS_FILE .*ENOENT/);
});
