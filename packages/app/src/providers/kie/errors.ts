import { byText, transport_classes } from '../http/classify.ts';
import type { Patterns } from '../http/classify.ts';
import type { ErrorClass, RawProviderError } from '../port.ts';

/** A code's class, and the texts that are looked at where the code alone doesn't say. */
type Rule = ErrorClass | { readonly texts: Patterns; readonly otherwise: ErrorClass };

const dry: Patterns = [
  [/credits?( are| is)? (currently )?insufficient|insufficient credits?/i, 'OPERATOR_BALANCE'],
];

/** What a person can mend: by other words, or by another picture. */
const persons: Patterns = [
  [/flagged .*violating content polic/i, 'USER_POLICY'],
  [/flagged as sensitive/i, 'USER_POLICY'],
  [/unsafe image upload/i, 'USER_POLICY'],
  [/minor upload/i, 'USER_POLICY'],
  [/prominent people upload/i, 'USER_POLICY'],
  [/photorealistic people/i, 'USER_POLICY'],
  [/rejected by Flow/i, 'USER_POLICY'],
  [/Only English prompts/i, 'USER_INPUT'],
  [/Failed to fetch the image/i, 'USER_INPUT'],
  [/prompt .*(too long|limit)/i, 'USER_INPUT'],
];

const texts: Patterns = [...dry, ...persons];
const policy: Patterns = [...texts, [/polic(y|ies)|prompt/i, 'USER_POLICY']];
const validation: Patterns = [
  ...texts,
  [/(unsupported|unknown|invalid) model|\bmodel\b.*(not|unsupported|unknown|invalid)/i, 'OPERATOR_CONFIG'],
  [/prompt|image|picture|video|audio|aspect|ratio|duration|resolution|length|size|format/i, 'USER_INPUT'],
];

/** By KIE's `code`, in an answer or as a task's `failCode`. A mistake of our own is nobody's fault but the system's. */
const rules: Readonly<Record<string, Rule>> = {
  '400': { texts: policy, otherwise: 'SYSTEM' },
  '401': 'OPERATOR_AUTH',
  '402': 'OPERATOR_BALANCE',
  '403': 'OPERATOR_AUTH',
  '404': 'OPERATOR_CONFIG',
  '408': 'SYSTEM',
  '413': 'USER_INPUT',
  '422': { texts: validation, otherwise: 'SYSTEM' },
  '429': { texts: dry, otherwise: 'TRANSIENT' },
  '433': 'OPERATOR_BALANCE',
  '451': 'USER_INPUT',
  /** The picture was handed over by us. */
  '451_ours': 'SYSTEM',
  '455': 'TRANSIENT',
  '500': { texts, otherwise: 'SYSTEM' },
  '501': { texts, otherwise: 'SYSTEM' },
  '505': 'OPERATOR_CONFIG',
  '550': { texts, otherwise: 'SYSTEM' },
  /** It started, failed, and gave no code, or one that is not listed here. */
  task_failed: { texts, otherwise: 'SYSTEM' },
};

/** From the code, then from the text where the code leaves it open. */
export function classify(error: RawProviderError): ErrorClass {
  const rule = rules[error.code] ?? transport_classes[error.code];
  if (rule === undefined) return byText(error.message, texts) ?? 'UNKNOWN';
  if (typeof rule === 'string') return rule;
  return byText(error.message, rule.texts) ?? rule.otherwise;
}

export function isListed(code: string): boolean {
  return Object.hasOwn(rules, code);
}

/** Codes that prove a submit to have started nothing. Every other but 200 proves nothing. */
export const refusals: ReadonlySet<number> = new Set([
  400, 401, 402, 403, 404, 413, 422, 429, 433, 451, 455, 505,
]);
