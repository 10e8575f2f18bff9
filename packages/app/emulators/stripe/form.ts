/** What a form's field may hold, as Stripe reads it: text, a list, or fields of its own. */
export type FormValue = string | FormValue[] | { [name: string]: FormValue };
export type Form = { [name: string]: FormValue };

/** `a[b][0][c]=1` as nested fields; numbered and empty brackets make lists. */
export function parseForm(text: string): Form {
  const root: Form = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const path = name.split('[').map((part) => part.replace(/\]$/, ''));
    put(root, path, value);
  }
  return toLists(root) as Form;
}

function put(into: Form, [head = '', ...rest]: string[], value: string): void {
  if (head === '__proto__') return;
  const name = head === '' ? String(Object.keys(into).length) : head;
  if (rest.length === 0) {
    into[name] = value;
    return;
  }
  const inner = into[name];
  const next: Form = typeof inner === 'object' && !Array.isArray(inner) ? inner : {};
  into[name] = next;
  put(next, rest, value);
}

function toLists(value: FormValue): FormValue {
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, toLists(inner)] as const);
  const listed = entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name));
  return listed ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

export function textOf(form: Form, name: string): string | null {
  const value = form[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function numberOf(form: Form, name: string): number | null {
  const text = textOf(form, name);
  return text === null ? null : Number(text);
}

export function formOf(value: FormValue | undefined): Form {
  return typeof value === 'object' && !Array.isArray(value) ? value : {};
}

export function formsOf(value: FormValue | undefined): Form[] {
  return Array.isArray(value) ? value.map((each) => formOf(each)) : [];
}

export function textsOf(value: FormValue | undefined): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

export function metadataOf(form: Form, before: Record<string, string> = {}): Record<string, string> {
  const changes = Object.entries(formOf(form['metadata'])).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(
    Object.entries({ ...before, ...Object.fromEntries(changes) }).filter(([, value]) => value !== ''),
  );
}
