import type { IncomingHttpHeaders } from 'node:http';

/** What a call was given: by address, JSON or a form, in which files lie beside the texts. */
export interface Parameters {
  readonly text: (name: string) => string | undefined;
  readonly number: (name: string) => number | undefined;
  /** A value that is an object or a list: in forms it comes as JSON in text. */
  readonly object: (name: string) => unknown;
  /** A file that lies in the form, as `attach://name` or by its own name. */
  readonly file: (name: string) => { readonly content: Buffer; readonly name: string } | undefined;
  /** The file that lies in the form under this `attach://name`. */
  readonly attached: (address: string) => { readonly content: Buffer; readonly name: string } | undefined;
}

export async function readParameters(
  url: URL,
  headers: IncomingHttpHeaders,
  body: Buffer<ArrayBuffer>,
): Promise<Parameters> {
  const type = headers['content-type'] ?? '';
  const values = new Map<string, unknown>(url.searchParams);
  const files = new Map<string, { content: Buffer; name: string }>();
  if (type.startsWith('application/json') && body.length > 0) {
    const given = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    for (const [name, value] of Object.entries(given)) values.set(name, value);
  } else if (type.startsWith('multipart/form-data') || type.startsWith('application/x-www-form-urlencoded')) {
    const form = await new Response(body, { headers: { 'content-type': type } }).formData();
    for (const [name, value] of form) {
      if (typeof value === 'string') values.set(name, value);
      else files.set(name, { content: Buffer.from(await value.arrayBuffer()), name: value.name });
    }
  }
  const text = (name: string): string | undefined => {
    const value = values.get(name);
    if (value === undefined || value === null) return undefined;
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  const attached = (address: string) => files.get(/^attach:\/\/(.+)$/.exec(address)?.[1] ?? '');
  return {
    text,
    number(name) {
      const value = Number(text(name));
      return text(name) === undefined || !Number.isFinite(value) ? undefined : value;
    },
    object(name) {
      const value = values.get(name);
      return typeof value === 'string' ? (JSON.parse(value) as unknown) : value;
    },
    file: (name) => attached(text(name) ?? '') ?? files.get(name),
    attached,
  };
}
