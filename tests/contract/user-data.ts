import { Secret } from "@lobstercontrol/core";

/** The one credential in a droplet's user-data. */
export function bootstrapTokenIn(userData: string): Secret {
  const { write_files: files } = JSON.parse(userData.replace(/^#cloud-config\n/, "")) as {
    write_files: { path: string; content: string }[];
  };
  const file = files.find(({ path }) => path.endsWith("/bootstrap-token"));
  return new Secret(file!.content.trim());
}
