/** What a route answers, before headers and faults. */
export interface Answer {
  status: number;
  /** Undefined for none. */
  body?: unknown;
}

const ids: Record<number, string> = {
  400: "bad_request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "not_found",
  409: "conflict",
  422: "unprocessable_entity",
  429: "too_many_requests",
  500: "server_error",
  503: "service_unavailable",
};

export function refuse(status: number, message: string, more: Record<string, unknown> = {}): Answer {
  return { status, body: { id: ids[status] ?? "server_error", message, ...more } };
}

export const notFound = refuse(404, "The resource you were accessing could not be found.");

/** A page of a list, as the query asks for it, with the links to others. */
export function pageOf(key: string, items: readonly unknown[], url: URL): Answer {
  const perPage = Number(url.searchParams.get("per_page") ?? 20);
  const page = Number(url.searchParams.get("page") ?? 1);
  const last = Math.max(1, Math.ceil(items.length / perPage));
  const link = (to: number): string => {
    const target = new URL(url);
    target.searchParams.set("page", String(to));
    return target.href;
  };
  return {
    status: 200,
    body: {
      [key]: items.slice((page - 1) * perPage, page * perPage),
      links:
        last === 1
          ? {}
          : {
              pages: {
                ...(page > 1 ? { first: link(1), prev: link(page - 1) } : {}),
                ...(page < last ? { next: link(page + 1), last: link(last) } : {}),
              },
            },
      meta: { total: items.length },
    },
  };
}
