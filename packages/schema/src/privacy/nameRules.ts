import type { SemanticType } from './semanticTypes';

/** How a field holds its values: decides what a name can mean. */
export type ValueKind =
  | 'text'
  | 'integer'
  | 'fraction'
  | 'day'
  | 'symbol'
  | 'any';

/** What the record around a field is about. */
export type Surroundings = 'person' | 'address' | 'writing' | 'setting';

/**
 * How sure the detector is. What is certain or likely has to be decided; what is
 * possible is only pointed out.
 *
 * @public
 */
export type PrivacyConfidence = 'certain' | 'likely' | 'possible';

/**
 * What a name ends with says what it is: an `email_count` is a count, a
 * `file_name` the name of a file. A rule fits a name that ends with one of its
 * phrases, if the word before is not in `not`.
 */
export interface NameRule {
  semanticType: SemanticType;
  confidence: PrivacyConfidence;
  kinds: readonly ValueKind[];
  phrases: readonly string[];
  /** Any of these words before the phrase: the rule does not fit. */
  not?: ReadonlySet<string>;
  /** Inside such a record the confidence is `within.confidence`. */
  within?: {
    surroundings: readonly Surroundings[];
    confidence: PrivacyConfidence;
  };
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const phrases = (text: string): readonly string[] =>
  text.split(',').map(phrase => phrase.trim());

/** Words for people and nothing else. */
export const PERSONS = words(
  'user customer person people human employee worker patient student pupil passenger traveler traveller subscriber visitor recipient assignee reviewer committer contributor collaborator buyer purchaser shopper cardholder accountholder applicant candidate donor attendee participant contact spouse enduser individual citizen learner teacher doctor nurse guest signer signatory beneficiary policyholder tenantuser caller respondent voter commenter maintainer',
);

/** Words for people that are also used for other things. */
export const PERSON_ROLES = words(
  'author owner member sender creator pusher editor manager actor approver requester requestor operator driver organizer organiser publisher uploader submitter holder payer payee seller admin moderator follower inviter invitee receiver assigner merger closer opener lead supervisor player rider courier dismisser resolver profile',
);

/** Things that have names, addresses and ids without being people. */
const INFRASTRUCTURE = words(
  'server host pod node cluster gateway service container instance vip private internal local listen bind router dns broker proxy peer load balancer dst destination allow allowed deny subnet network nat bastion',
);

const NO_ADDRESSES = new Set([
  ...INFRASTRUCTURE,
  ...words(
    'ip mac memory contract token web url site return base endpoint bus register i2c hardware physical virtual object bech32 socket remote client source',
  ),
]);

const PLACES = words(
  'store shop venue station airport warehouse office building hub depot restaurant hotel branch port stop region datacenter zone sensor asset site map facility',
);

const TEXT = ['text'] as const;
const WRITTEN = ['text', 'any'] as const;
const NUMBERED = ['text', 'integer'] as const;

/** In the order in which they are tried; the first that fits tells. */
export const NAME_RULES: readonly NameRule[] = [
  {
    semanticType: 'secret',
    confidence: 'likely',
    kinds: TEXT,
    phrases: phrases(
      'password, passphrase, passcode, mot passe, api key, secret key, private key, signing key, encryption key, client secret, secret, access token, refresh token, auth token, bearer token, oauth token, session token, csrf token, reset token, verification token, security token, id token, jwt, authorization, credential, otp, totp, one time code, cvv, cvc, security code, card verification code',
    ),
    not: words('public scanning kubernetes'),
  },
  {
    semanticType: 'secret',
    confidence: 'possible',
    kinds: TEXT,
    phrases: phrases('token, pin, access key, key secret'),
    not: words(
      'page next previous cursor continuation sync resume push device fcm apns',
    ),
  },
  {
    semanticType: 'device-id',
    confidence: 'likely',
    kinds: NUMBERED,
    phrases: phrases(
      'device id, device identifier, device uuid, device serial, device serial number, device token, push token, fcm token, apns token, device fingerprint, browser fingerprint, idfa, idfv, gaid, aaid, adid, advertising id, android id, imei, imsi, meid, iccid, udid, mac address, browser id, cookie, cookie id, session id, session key, install id, gclid, fbclid, user agent',
    ),
    not: words('server build debug'),
  },
  {
    semanticType: 'device-id',
    confidence: 'possible',
    kinds: NUMBERED,
    phrases: phrases(
      'session, fingerprint, client id, installation id, mac, ua',
    ),
    not: words('commit file cert certificate key'),
  },
  {
    semanticType: 'ip-address',
    confidence: 'likely',
    kinds: TEXT,
    phrases: phrases(
      'ip, ipv4, ipv6, ip address, ipv4 address, ipv6 address, remote address, x forwarded for, forwarded for',
    ),
    not: INFRASTRUCTURE,
  },
  {
    semanticType: 'email',
    confidence: 'certain',
    kinds: WRITTEN,
    phrases: phrases(
      'email, e mail, email address, e mail address, mail address, correo electronico, adresse email, correo email',
    ),
  },
  {
    semanticType: 'email',
    confidence: 'likely',
    kinds: TEXT,
    phrases: ['mail'],
    not: words('snail voice direct junk'),
  },
  {
    semanticType: 'government-id',
    confidence: 'likely',
    kinds: NUMBERED,
    phrases: phrases(
      'ssn, social security number, social security no, national id, national id number, national insurance number, passport, passport number, passport no, passport id, driver license, driver licence, driver license number, driver licence number, driving licence, driving license, driving licence number, driving license number, tax id, tax number, tax identification number, id card number, identity card number, identity number, personal identity number, citizen id, cpf, dni, nif, curp, bsn, pesel, aadhaar, aadhaar number, personnummer, nino, codice fiscale, license plate, licence plate, number plate, plate number, license plate number',
    ),
  },
  {
    semanticType: 'payment',
    confidence: 'likely',
    kinds: NUMBERED,
    phrases: phrases(
      'card number, card no, credit card, debit card, cc number, ccn, iban, bank account, bank account number, account number, card last4, last4, last four, card last four, last four digit, wallet address, card pan, paypal account',
    ),
    not: words('sim id report score'),
  },
  {
    semanticType: 'birth-date',
    confidence: 'certain',
    kinds: ['text', 'integer', 'day'],
    phrases: phrases(
      'birth date, birthday, date of birth, birth year, year of birth, birth place, place of birth, date naissance, date de naissance, fecha birth, fecha de birth, data birth, data di birth, data de birth, born on',
    ),
  },
  {
    semanticType: 'birth-date',
    confidence: 'possible',
    kinds: ['integer'],
    phrases: ['age'],
    within: { surroundings: ['person'], confidence: 'likely' },
    not: words('max cache min session account token'),
  },
  {
    semanticType: 'sensitive',
    confidence: 'likely',
    kinds: ['text', 'symbol'],
    phrases: phrases(
      'gender, sex, ethnicity, ethnic origin, religion, religious belief, nationality, citizenship, marital status, civil status, sexual orientation, political party, political opinion, political affiliation, union membership, disability, medical condition, health condition, health status, medication, allergy, blood type, blood group, pregnancy, biometric, biometric data',
    ),
  },
  {
    semanticType: 'sensitive',
    confidence: 'possible',
    kinds: ['text', 'symbol'],
    phrases: phrases('race, diagnosis'),
    within: { surroundings: ['person'], confidence: 'likely' },
  },
  {
    semanticType: 'phone',
    confidence: 'likely',
    kinds: NUMBERED,
    phrases: phrases(
      'phone, phone number, phone no, telephone, telephone number, mobile number, mobile no, mobile phone, mobile phone number, cell phone, cell number, msisdn, fax, fax number, contact number, whatsapp, whatsapp number',
    ),
    not: words('support'),
  },
  {
    semanticType: 'phone',
    confidence: 'possible',
    kinds: NUMBERED,
    phrases: phrases('mobile, cell, portable'),
    within: { surroundings: ['person', 'address'], confidence: 'likely' },
  },
  {
    semanticType: 'image',
    confidence: 'likely',
    kinds: TEXT,
    phrases: phrases(
      'avatar, avatar url, avatar uri, avatar link, gravatar, gravatar id, gravatar url, profile picture, profile picture url, profile photo, profile photo url, profile image, profile image url, profile pic, selfie, selfie url, portrait, headshot, voice recording',
    ),
    not: words('team organization organisation company bot app'),
  },
  {
    semanticType: 'image',
    confidence: 'possible',
    kinds: TEXT,
    phrases: phrases('photo, photo url, picture, picture url'),
    within: { surroundings: ['person'], confidence: 'likely' },
    not: words('product cover room item'),
  },
  {
    semanticType: 'person-id',
    confidence: 'likely',
    kinds: NUMBERED,
    phrases: phrases(
      'user name, login, login name, user login, screen name, distinct id, anonymous id, nom user, account holder',
    ),
    not: words('last first organization organisation team company app bot'),
  },
  {
    semanticType: 'name',
    confidence: 'certain',
    kinds: TEXT,
    phrases: phrases(
      'first name, last name, middle name, given name, family name, maiden name, surname, forename, real name, preferred name, birth name, name first, name last',
    ),
  },
  {
    semanticType: 'name',
    confidence: 'likely',
    kinds: TEXT,
    phrases: phrases('full name, nickname, nick name, cardholder, card holder'),
    not: words(
      'repository repo forkee file team product branch path package class',
    ),
  },
  {
    semanticType: 'name',
    confidence: 'possible',
    kinds: TEXT,
    phrases: phrases('display name, legal name, full name, initial'),
    within: { surroundings: ['person'], confidence: 'likely' },
    not: words('company'),
  },
  {
    semanticType: 'postal-address',
    confidence: 'likely',
    kinds: WRITTEN,
    phrases: phrases(
      'street, street address, street name, street line, address line, postal address, home address, billing address, shipping address, delivery address, mailing address, residential address, invoice address, address text',
    ),
  },
  {
    semanticType: 'postal-address',
    confidence: 'likely',
    kinds: NUMBERED,
    phrases: phrases(
      'house number, postal code, postcode, post code, zip code, codigo postal, code postal, apartment number',
    ),
  },
  {
    semanticType: 'postal-address',
    confidence: 'likely',
    kinds: WRITTEN,
    phrases: ['address'],
    not: NO_ADDRESSES,
  },
  {
    semanticType: 'postal-address',
    confidence: 'possible',
    kinds: NUMBERED,
    phrases: phrases('zip, city, town, suburb, village, locality, apartment'),
    within: { surroundings: ['person', 'address'], confidence: 'likely' },
    not: PLACES,
  },
  {
    semanticType: 'location',
    confidence: 'likely',
    kinds: ['fraction', 'text'],
    phrases: phrases('latitude, longitude, lat, lng, lon'),
    not: PLACES,
  },
  {
    semanticType: 'location',
    confidence: 'likely',
    kinds: ['fraction', 'text', 'any'],
    phrases: phrases(
      'geo location, geo point, gps, gps coordinate, gps position, geohash, coordinate, current location, last known location',
    ),
    not: new Set([...PLACES, 'pixel', 'screen', 'mouse', 'click', 'grid']),
  },
  {
    semanticType: 'location',
    confidence: 'possible',
    kinds: WRITTEN,
    phrases: ['location'],
    within: { surroundings: ['person'], confidence: 'likely' },
    not: words('file source data s3 code warehouse'),
  },
  {
    semanticType: 'free-text',
    confidence: 'likely',
    kinds: TEXT,
    phrases: phrases(
      'comment, comment text, comment body, feedback, feedback text, remark, note, bio, biography, about me, review text, review body, review comment, complaint, chat message, message body, message text, search query, search term, search text, search phrase, free text, freetext, user input, transcript, testimonial, delivery instruction, special request, cover letter',
    ),
    not: words('release patch credit delivery bank promissory'),
  },
  {
    semanticType: 'free-text',
    confidence: 'possible',
    kinds: TEXT,
    phrases: phrases(
      'message, body, description, text, content, title, subject, query, summary, caption, answer, instruction',
    ),
    within: { surroundings: ['writing'], confidence: 'likely' },
    not: words('error log status exception warning debug sql job html plain'),
  },
  {
    semanticType: 'free-text',
    confidence: 'likely',
    kinds: ['any'],
    phrases: phrases('trait, user trait, user property, person property'),
  },
];

/** What makes of a word for people an identifier: `customer number`. */
export const IDENTIFIER_ENDINGS = words(
  'id uuid guid no nr num number ref reference identifier login handle sub uid pk urn',
);

/** `sorted by` and the like name no person. */
export const NO_ACTORS = words(
  'sorted sort ordered order grouped group caused triggered powered filtered filter limited blocked followed replaced superseded divided partitioned partition clustered bounded indexed multiplied increased decreased incremented stand unlocked',
);

/** Inside a record about a person, these stand for the person. */
export const OWN_IDENTIFIERS = words(
  'id uuid guid uid login handle slug number identifier username urn',
);

export const LINK_ENDINGS = words('url uri link href');

/** Records about where somebody lives. */
export const ADDRESS_RECORDS = words('address shipping billing delivery');

/** Records that say what is allowed: the `emails` of `permissions` are a right. */
export const SETTING_RECORDS = words(
  'permission scope grant feature capability',
);

/** Records that hold what people write. */
export const WRITING_RECORDS = words(
  'comment issue review discussion post ticket chat email message reply feedback conversation answer commit note',
);
