import type { Item, Message, Part } from "./request-body.ts";

/** What images and files add to a prompt. */
export interface Media {
  images: number;
  /** The text of each file, in a frame with its name. */
  texts: string[];
}

type MediaPart = Extract<Part, { source: unknown }>;

const maxUrls = 8;
const maxImageBytes = 10 * 1024 * 1024;
const maxFileBytes = 5 * 1024 * 1024;
const fileTypes = new Set([
  "text/plain",
  "text/markdown",
  "text/html",
  "text/csv",
  "application/json",
  "application/pdf",
]);
/** Hosts that the gateway does not fetch from, by their names alone: the mock looks nothing up. */
const privateHost =
  /^(localhost|[^.]+|.*\.(localhost|invalid|internal|local)|(127|10|0|169\.254|192\.168|172\.(1[6-9]|2\d|3[01]))\..*|\[.*\])$/;

/** Looks at the images and files of the active message, and counts the URLs of all. Null when one is refused. */
export function readMedia(input: readonly Item[], active: Message | undefined): Media | null {
  if (input.flatMap(mediaOf).filter(({ source }) => source.type === "url").length > maxUrls) return null;
  const parts = active === undefined ? [] : mediaOf(active);
  if (!parts.every(isAccepted)) return null;
  const files = parts.filter((part) => part.type === "input_file");
  return { images: parts.length - files.length, texts: files.map(({ source }) => fileText(source)) };
}

function mediaOf(item: Item): MediaPart[] {
  if (item.type !== "message" || typeof item.content === "string") return [];
  return item.content.filter((part) => part.type === "input_image" || part.type === "input_file");
}

function isAccepted({ type, source }: MediaPart): boolean {
  if (source.type === "url") {
    const { protocol, hostname } = new URL(source.url);
    return /^https?:$/.test(protocol) && !privateHost.test(hostname);
  }
  const bytes = decode(source.data);
  if (bytes === null) return false;
  if (type === "input_image") return bytes.length <= maxImageBytes;
  const mediaType = mediaTypeOf(source.media_type);
  const readable = mediaType !== "application/pdf" || bytes.startsWith("%PDF-");
  return bytes.length <= maxFileBytes && fileTypes.has(mediaType) && readable;
}

function fileText(source: Extract<MediaPart, { type: "input_file" }>["source"]): string {
  // What a URL holds is not known here, nor is what a PDF says.
  const readable = source.type === "base64" && mediaTypeOf(source.media_type) !== "application/pdf";
  const bytes = readable ? (decode(source.data) ?? "") : "";
  const text = new TextDecoder().decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
  const name = source.type === "base64" ? source.filename : undefined;
  return `<file name="${name || "file"}">\n${text.trim() === "" ? "[No extractable text]" : text}\n</file>`;
}

const mediaTypeOf = (contentType: string): string => contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";

/** One character a byte; null when it is no base64. */
function decode(base64: string): string | null {
  try {
    return atob(base64);
  } catch {
    return null;
  }
}
