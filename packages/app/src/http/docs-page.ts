import type { OpenAPIV3_1 } from 'openapi-types';
import { escapeHtml, page, styleSheet } from './html.ts';
import type { App } from './services.ts';

/** The API for people: one page made from the description for programs. No scripts, nothing from elsewhere. */
export function registerDocsPage(app: App): void {
  const schema = { hide: true };
  let html: string | null = null;
  app.get('/api/docs', {
    schema,
    handler: async (_request, reply) => {
      html ??= render(app.swagger() as unknown as OpenAPIV3_1.Document);
      return reply.type('text/html; charset=utf-8').send(html);
    },
  });
  app.get('/api/docs/style.css', {
    schema,
    handler: async (_request, reply) =>
      reply.type('text/css; charset=utf-8').header('cache-control', 'public, max-age=3600').send(styleSheet),
  });
}

type Operation = { method: string; path: string; operation: OpenAPIV3_1.OperationObject };

function render(document: OpenAPIV3_1.Document): string {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    (['get', 'post', 'delete'] as const).flatMap((method): Operation[] => {
      const operation = item?.[method] as OpenAPIV3_1.OperationObject | undefined;
      return operation ? [{ method: method.toUpperCase(), path, operation }] : [];
    }),
  );
  const tags = document.tags ?? [];
  const sections = tags.map(({ name, description }) => {
    const rows = operations.filter(({ operation }) => operation.tags?.includes(name));
    return `<section id="${slug(name)}"><h2>${escapeHtml(name)}</h2><p class="small">${text(description)}</p>${rows.map(renderOperation).join('')}</section>`;
  });
  const links = tags.map(({ name }) => `<a href="#${slug(name)}">${escapeHtml(name)}</a>`).join('');
  const schemas = Object.entries(document.components?.schemas ?? {}).map(
    ([name, schema]) =>
      `<details id="schema-${escapeHtml(name)}"><summary><b>${escapeHtml(name)}</b></summary>${renderSchema(schema)}</details>`,
  );
  return page(
    'API',
    `<h1>${escapeHtml(document.info.title)} API</h1>
<p>${text(document.info.description)}</p>
<p>Sign in on the website and make a key under Account, then send it as <code>Authorization: Bearer hf_…</code>.
The same for programs: <a href="/api/openapi.json">/api/openapi.json</a> (OpenAPI 3.1).</p>
<pre>curl -H "Authorization: Bearer $KEY" ${escapeHtml(document.servers?.[0]?.url ?? '')}/api/credits/balance</pre>
<nav>${links}<a href="#schemas">Shapes</a></nav>
${sections.join('')}
<section id="schemas"><h2>Shapes</h2>${schemas.join('')}</section>`,
  );
}

function renderOperation({ method, path, operation }: Operation): string {
  const parameters = (operation.parameters ?? []) as OpenAPIV3_1.ParameterObject[];
  const body = (operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined)?.content;
  const responses = Object.entries(operation.responses ?? {}).filter(([status]) => status !== 'default');
  const parts = [
    operation.description ? `<p>${text(operation.description)}</p>` : '',
    parameters.length > 0 ? `<h3>Parameters</h3>${table(parameters.map(parameterRow))}` : '',
    ...Object.entries(body ?? {}).map(
      ([type, { schema }]) => `<h3>Body · ${escapeHtml(type)}</h3>${renderSchema(schema)}`,
    ),
    ...responses.map(([status, answer]) => {
      const content = 'content' in answer ? answer.content?.['application/json']?.schema : undefined;
      return `<h3>Answer · ${escapeHtml(status)}</h3>${content ? renderSchema(content) : `<p class="small">${text('description' in answer ? answer.description : '')}</p>`}`;
    }),
  ];
  return `<details><summary><code class="method">${method}</code><code>${escapeHtml(path)}</code><span class="small">${text(operation.summary)}</span></summary>${parts.join('')}</details>`;
}

function parameterRow(parameter: OpenAPIV3_1.ParameterObject): [string, string, string] {
  const description = parameter.description ?? (parameter.schema as Schema | undefined)?.description;
  return [parameter.name, `${parameter.in}${parameter.required ? ', required' : ''}`, description ?? ''];
}

type Schema = OpenAPIV3_1.SchemaObject | OpenAPIV3_1.ReferenceObject;

function renderSchema(schema: Schema | undefined): string {
  if (!schema) return '';
  if ('$ref' in schema && schema.$ref) return `<p>${typeName(schema)}</p>`;
  const object = schema as OpenAPIV3_1.SchemaObject;
  const either = object.anyOf ?? object.oneOf;
  if (either) return either.map((one) => renderSchema(one)).join('<p class="small">or</p>');
  if (!object.properties) return `<p>${typeName(object)}</p>`;
  const rows = Object.entries(object.properties).map(([name, field]): [string, string, string] => {
    const optional = object.required?.includes(name) ? '' : ', optional';
    return [name, `${typeName(field)}${optional}`, (field as OpenAPIV3_1.SchemaObject).description ?? ''];
  });
  return table(rows, true);
}

/** HTML: references become links. */
function typeName(schema: Schema): string {
  if ('$ref' in schema && schema.$ref) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return `<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`;
  }
  const {
    type,
    format,
    items,
    anyOf,
    oneOf,
    enum: choices,
    const: only,
  } = schema as OpenAPIV3_1.SchemaObject & {
    items?: Schema;
    const?: unknown;
  };
  if (choices) return choices.map((choice) => `<code>${escapeHtml(String(choice))}</code>`).join(' or ');
  if (only !== undefined) return `<code>${escapeHtml(String(only))}</code>`;
  const either = anyOf ?? oneOf;
  if (either) return either.map((one) => typeName(one)).join(' or ');
  if (items) return `list of ${typeName(items)}`;
  return escapeHtml([type].flat().join(' or ') + (format ? ` (${format})` : ''));
}

/** `typed`: the second column is HTML already. */
function table(rows: readonly [string, string, string][], typed = false): string {
  const lines = rows.map(
    ([name, type, about]) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${typed ? type : escapeHtml(type)}</td><td>${text(about)}</td></tr>`,
  );
  return `<table>${lines.join('')}</table>`;
}

function text(words: string | undefined): string {
  return escapeHtml(words ?? '').replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]+/g, '-');
}
