import type { SemanticType } from './semanticTypes';

/**
 * What a text looks like. None of these uses a regular expression that a value
 * could slow down: each looks at every character a bounded number of times.
 */
interface ValueForm {
  semanticType: SemanticType;
  /** What the values are, in the plural. */
  words: string;
  fits: (text: string) => boolean;
}

const MAX_LENGTH = 512;

const FORMS: readonly ValueForm[] = [
  { semanticType: 'email', words: 'e-mail addresses', fits: isEmail },
  { semanticType: 'ip-address', words: 'IP addresses', fits: isIpAddress },
  {
    semanticType: 'payment',
    words: 'account or card numbers',
    fits: isPayment,
  },
  { semanticType: 'secret', words: 'keys or tokens', fits: isSecret },
  { semanticType: 'phone', words: 'phone numbers', fits: isPhone },
];

/** What most of the values look like. */
export interface ValueVerdict {
  semanticType: SemanticType;
  matching: number;
  of: number;
  words: string;
}

/** Fewer values prove nothing either way. */
export const ENOUGH_VALUES = 3;

const MOST = 0.6;

/** The form that most of the texts have, if there is one. */
export function formOfValues(
  values: readonly string[],
): ValueVerdict | undefined {
  const texts = values.filter(text => text !== '' && text.length <= MAX_LENGTH);
  for (const { semanticType, words, fits } of FORMS) {
    const matching = texts.filter(fits).length;
    if (matching > 0 && matching >= texts.length * MOST) {
      return { semanticType, matching, of: texts.length, words };
    }
  }
  return undefined;
}

/**
 * Whether none of enough values has the form that a semantic type goes with: a
 * field called `mail` that holds `sent` and `failed` is no e-mail address.
 */
export function contradicts(
  values: readonly string[],
  semanticType: SemanticType,
): boolean {
  const form = FORMS.find(each => each.semanticType === semanticType);
  // A phone number or a secret can be written in too many ways.
  return (
    (semanticType === 'email' || semanticType === 'ip-address') &&
    form !== undefined &&
    values.length >= ENOUGH_VALUES &&
    !values.some(form.fits)
  );
}

/** Whether most of the texts are sentences rather than codes. */
export function looksWritten(values: readonly string[]): boolean {
  const written = values.filter(
    text => text.length >= 20 && text.split(' ', 6).length >= 4,
  );
  return (
    values.length >= ENOUGH_VALUES &&
    written.length >= values.length * MOST &&
    new Set(written).size > 1
  );
}

function isEmail(text: string): boolean {
  const at = text.indexOf('@');
  if (at < 1 || at > 64 || at !== text.lastIndexOf('@') || /\s/.test(text)) {
    return false;
  }
  const labels = text.slice(at + 1).split('.');
  return labels.length > 1 && labels.every(label => /^[\w-]+$/.test(label));
}

function isIpAddress(text: string): boolean {
  return text.includes(':') ? isIpv6(text) : isIpv4(text);
}

function isIpv4(text: string): boolean {
  const parts = text.split('.', 5);
  return (
    parts.length === 4 &&
    parts.every(
      part =>
        /^\d{1,3}$/.test(part) && Number(part) < 256 && !/^0\d/.test(part),
    ) &&
    // Versions such as 1.2.0.1 have the same form, but no large numbers.
    parts.some(part => Number(part) > 30)
  );
}

function isIpv6(text: string): boolean {
  const groups = text.split(':', 10);
  const empty = groups.filter(group => group === '').length;
  return (
    groups.length >= 3 &&
    groups.length <= 8 &&
    (groups.length === 8 || empty > 0) &&
    empty <= 3 &&
    groups.every(group => /^[0-9a-f]{0,4}$/i.test(group)) &&
    // A time of day has the form too.
    (text.includes('::') || groups.length === 8)
  );
}

function isPhone(text: string): boolean {
  if (!text.startsWith('+') || text.length > 25) {
    return false;
  }
  const rest = text.slice(1);
  const digits = rest.replace(/[ ()/.-]/g, '');
  return /^\d{8,15}$/.test(digits);
}

function isPayment(text: string): boolean {
  const compact = text.replace(/[ -]/g, '');
  return /^\d{13,19}$/.test(compact)
    ? hasCardPrefix(compact) && hasLuhnSum(compact)
    : /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(compact) && hasIbanSum(compact);
}

/** Numbers such as a time in nanoseconds fit the sum one time in ten. */
function hasCardPrefix(digits: string): boolean {
  return /^(4|5[1-5]|2[2-7]|3[47]|6(011|5))/.test(digits);
}

function hasLuhnSum(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function hasIbanSum(iban: string): boolean {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

const SECRET_BEGINNINGS = [
  'ghp_',
  'gho_',
  'ghs_',
  'github_pat_',
  'glpat-',
  'xoxb-',
  'xoxp-',
  'sk_live_',
  'rk_live_',
  'AKIA',
];

function isSecret(text: string): boolean {
  const isWebToken =
    text.startsWith('eyJ') &&
    text.split('.', 4).length === 3 &&
    /^[\w.-]+$/.test(text);
  return (
    isWebToken ||
    (text.startsWith('-----BEGIN ') && text.includes('PRIVATE KEY-----')) ||
    SECRET_BEGINNINGS.some(
      beginning => text.startsWith(beginning) && text.length >= 16,
    )
  );
}
