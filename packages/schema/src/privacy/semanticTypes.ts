/**
 * What a value says about a person, or that it says nothing. The list is
 * closed: retention, access and erasure are rules about these words, so a word
 * that nobody has a rule for would be a promise nobody keeps. It holds the kinds
 * of personal data that are handled differently, and no finer ones.
 *
 * @public
 */
export type SemanticType =
  | 'none'
  | 'person-id'
  | 'name'
  | 'email'
  | 'phone'
  | 'postal-address'
  | 'ip-address'
  | 'device-id'
  | 'location'
  | 'birth-date'
  | 'government-id'
  | 'payment'
  | 'image'
  | 'sensitive'
  | 'free-text'
  | 'secret';

/**
 * One semantic type, in words for people who have to choose.
 *
 * @public
 */
export interface SemanticTypeInfo {
  id: SemanticType;
  title: string;
  description: string;
  /** Whether the value is about a person. */
  isPersonal: boolean;
}

/**
 * Every semantic type, in the order in which to offer them.
 *
 * @public
 */
export const SEMANTIC_TYPES: readonly SemanticTypeInfo[] = [
  {
    id: 'none',
    title: 'Not personal',
    description: 'Says nothing about a person. Choosing it is a decision too.',
    isPersonal: false,
  },
  {
    id: 'person-id',
    title: 'Identifier of a person',
    description:
      'User id, customer number, login or user name, address of a profile page: whatever stands for one person.',
    isPersonal: true,
  },
  {
    id: 'name',
    title: 'Name of a person',
    description: 'First, last, full, display or nick name.',
    isPersonal: true,
  },
  {
    id: 'email',
    title: 'E-mail address',
    description: 'Also as a hash: a hash can be looked up.',
    isPersonal: true,
  },
  {
    id: 'phone',
    title: 'Phone number',
    description: 'Mobile, landline or fax.',
    isPersonal: true,
  },
  {
    id: 'postal-address',
    title: 'Postal address',
    description: 'Street, house number, post code or town of a person.',
    isPersonal: true,
  },
  {
    id: 'ip-address',
    title: 'IP address',
    description: 'Of the device of a person, not of a server.',
    isPersonal: true,
  },
  {
    id: 'device-id',
    title: 'Device or browser',
    description:
      'Device, advertising, cookie, session or installation id, and user agents.',
    isPersonal: true,
  },
  {
    id: 'location',
    title: 'Place where somebody is',
    description: 'Coordinates or a place that follow a person.',
    isPersonal: true,
  },
  {
    id: 'birth-date',
    title: 'Birth or age',
    description: 'Date, year or place of birth, or age.',
    isPersonal: true,
  },
  {
    id: 'government-id',
    title: 'Official number',
    description:
      'Number of a passport, social security, tax, driving licence or number plate.',
    isPersonal: true,
  },
  {
    id: 'payment',
    title: 'Means of payment',
    description: 'Number of a card or account, or part of one.',
    isPersonal: true,
  },
  {
    id: 'image',
    title: 'Picture or voice',
    description: 'Avatar, photo or recording of a person, or its address.',
    isPersonal: true,
  },
  {
    id: 'sensitive',
    title: 'Sensitive trait',
    description:
      'Sex, origin, religion, health, opinions, or another trait by which people are judged.',
    isPersonal: true,
  },
  {
    id: 'free-text',
    title: 'Free text',
    description:
      'Text or JSON that people fill as they like: it may hold anything about anybody.',
    isPersonal: true,
  },
  {
    id: 'secret',
    title: 'Secret',
    description:
      'Password, token or key. It does not belong into an event at all; leave the field out if you can.',
    isPersonal: true,
  },
];

const BY_ID: ReadonlyMap<string, SemanticTypeInfo> = new Map(
  SEMANTIC_TYPES.map(info => [info.id, info]),
);

/**
 * Whether a text is a semantic type of the closed list.
 *
 * @public
 */
export function isSemanticType(value: unknown): value is SemanticType {
  return typeof value === 'string' && BY_ID.has(value);
}

/** Whether a semantic type is about a person. Unknown words are not. */
export function isPersonal(semanticType: string | undefined): boolean {
  return BY_ID.get(semanticType ?? '')?.isPersonal === true;
}

/** What people write who do not know the list, and what they mean. */
const ALIASES: ReadonlyMap<string, SemanticType> = new Map([
  ['person.id', 'person-id'],
  ['user-id', 'person-id'],
  ['identifier', 'person-id'],
  ['person.email', 'email'],
  ['e-mail', 'email'],
  ['person.name', 'name'],
  ['person-name', 'name'],
  ['full-name', 'name'],
  ['person.phone', 'phone'],
  ['phone-number', 'phone'],
  ['person.address', 'postal-address'],
  ['address', 'postal-address'],
  ['ip', 'ip-address'],
  ['device', 'device-id'],
  ['geo', 'location'],
  ['birthday', 'birth-date'],
  ['date-of-birth', 'birth-date'],
  ['credit-card', 'payment'],
  ['iban', 'payment'],
  ['password', 'secret'],
  ['text', 'free-text'],
  ['freetext', 'free-text'],
  ['public', 'none'],
  ['no', 'none'],
]);

/** The semantic type that a word most likely means, if any. */
export function nearestSemanticType(word: string): SemanticType | undefined {
  const folded = word.trim().toLowerCase().replaceAll('_', '-');
  return isSemanticType(folded) ? folded : ALIASES.get(folded);
}
