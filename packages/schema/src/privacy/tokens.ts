/**
 * Names of fields as lists of English words: `customerEMail`, `kunden_email` and
 * `CUSTOMER-EMAIL` all become `customer email`.
 */

/** Written as one word, meant as several. */
const COMPOUNDS: Readonly<Record<string, string>> = {
  emailaddress: 'email address',
  useremail: 'user email',
  firstname: 'first name',
  lastname: 'last name',
  fullname: 'full name',
  middlename: 'middle name',
  givenname: 'given name',
  familyname: 'family name',
  displayname: 'display name',
  username: 'user name',
  userid: 'user id',
  customerid: 'customer id',
  deviceid: 'device id',
  sessionid: 'session id',
  visitorid: 'visitor id',
  accountid: 'account id',
  phonenumber: 'phone number',
  mobilephone: 'mobile phone',
  cellphone: 'mobile phone',
  homephone: 'home phone',
  workphone: 'work phone',
  ipaddress: 'ip address',
  ipaddr: 'ip address',
  clientip: 'client ip',
  remoteip: 'remote ip',
  macaddress: 'mac address',
  zipcode: 'zip code',
  postalcode: 'postal code',
  streetaddress: 'street address',
  homeaddress: 'home address',
  birthdate: 'birth date',
  dateofbirth: 'birth date',
  useragent: 'user agent',
  creditcard: 'credit card',
  cardnumber: 'card number',
  accountnumber: 'account number',
  apikey: 'api key',
  accesstoken: 'access token',
  refreshtoken: 'refresh token',
  geolocation: 'geo location',
  geopoint: 'geo point',
  filename: 'file name',
  hostname: 'host name',
  pathname: 'path name',
  typename: 'type name',
  classname: 'class name',
};

/** Words of other languages, and abbreviations, by what they mean. */
const MEANINGS: Readonly<Record<string, string>> = {
  // German
  vorname: 'first name',
  nachname: 'last name',
  familienname: 'last name',
  geburtsname: 'maiden name',
  benutzername: 'user name',
  benutzer: 'user',
  nutzer: 'user',
  kunde: 'customer',
  kunden: 'customer',
  kundennummer: 'customer number',
  kundennr: 'customer number',
  kundenname: 'customer name',
  mitarbeiter: 'employee',
  ansprechpartner: 'contact',
  telefon: 'phone',
  telefonnummer: 'phone number',
  handynummer: 'phone number',
  mobilnummer: 'mobile number',
  geburtsdatum: 'birth date',
  geburtstag: 'birthday',
  geburtsort: 'birth place',
  strasse: 'street',
  hausnummer: 'house number',
  plz: 'postal code',
  postleitzahl: 'postal code',
  wohnort: 'city',
  adresse: 'address',
  anschrift: 'postal address',
  lieferadresse: 'delivery address',
  rechnungsadresse: 'billing address',
  geschlecht: 'gender',
  staatsangehoerigkeit: 'nationality',
  kennwort: 'password',
  passwort: 'password',
  kontonummer: 'account number',
  steuernummer: 'tax number',
  steuerid: 'tax id',
  ausweisnummer: 'id card number',
  kennzeichen: 'license plate',
  bemerkung: 'remark',
  kommentar: 'comment',
  // French
  prenom: 'first name',
  nom: 'name',
  courriel: 'email',
  telephone: 'phone',
  portable: 'portable',
  utilisateur: 'user',
  naissance: 'birth',
  sexe: 'sex',
  commentaire: 'comment',
  // Spanish, Portuguese, Italian
  nombre: 'name',
  nome: 'name',
  apellido: 'last name',
  apellidos: 'last name',
  sobrenome: 'last name',
  cognome: 'last name',
  correo: 'email',
  telefono: 'phone',
  telefone: 'phone',
  celular: 'mobile phone',
  cellulare: 'mobile phone',
  direccion: 'address',
  endereco: 'address',
  indirizzo: 'address',
  calle: 'street',
  usuario: 'user',
  utente: 'user',
  cliente: 'customer',
  nacimiento: 'birth',
  nascimento: 'birth',
  nascita: 'birth',
  contrasena: 'password',
  senha: 'password',
  comentario: 'comment',
  // Dutch, Swedish, Polish
  voornaam: 'first name',
  achternaam: 'last name',
  wachtwoord: 'password',
  geboortedatum: 'birth date',
  straat: 'street',
  klant: 'customer',
  fornamn: 'first name',
  efternamn: 'last name',
  losenord: 'password',
  imie: 'first name',
  nazwisko: 'last name',
  haslo: 'password',
  // Abbreviations
  fname: 'first name',
  lname: 'last name',
  dob: 'birth date',
  tel: 'phone',
  addr: 'address',
  pwd: 'password',
  passwd: 'password',
  usr: 'user',
  cust: 'customer',
  ua: 'ua',
  msg: 'message',
  desc: 'description',
};

/** Say how a value is kept or which of several it is, not what it is. */
const NEUTRAL_ENDINGS = new Set([
  'value',
  'raw',
  'string',
  'str',
  'hash',
  'hashed',
  'sha1',
  'sha256',
  'md5',
  'encrypted',
  'masked',
  'normalized',
  'normalised',
  'lowercase',
  'plaintext',
  'original',
]);

const MAX_TOKENS = 24;

/**
 * The words of a name, in English and in the singular; endings that say only how
 * the value is kept are left away.
 */
export function tokensOf(name: string): string[] {
  const spaced = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase();
  const words = spaced
    .split(/[^\p{L}\p{N}]/u)
    .filter(word => word !== '')
    .slice(0, MAX_TOKENS)
    .flatMap(meaningOf);
  while (words.length > 1 && isNeutral(words[words.length - 1])) {
    words.pop();
  }
  return words;
}

function meaningOf(word: string): string[] {
  const meaning = lookUp(word) ?? lookUp(singular(word));
  return meaning ? meaning.split(' ') : [singular(word)];
}

function lookUp(word: string): string | undefined {
  if (Object.hasOwn(COMPOUNDS, word)) {
    return COMPOUNDS[word];
  }
  return Object.hasOwn(MEANINGS, word) ? MEANINGS[word] : undefined;
}

function isNeutral(word: string): boolean {
  return NEUTRAL_ENDINGS.has(word) || /^\d+$/.test(word);
}

/** End in `s` and are no plurals. */
const NO_PLURALS = new Set([
  'address',
  'access',
  'alias',
  'analysis',
  'basis',
  'bonus',
  'bus',
  'canvas',
  'class',
  'diagnosis',
  'dns',
  'gps',
  'https',
  'ios',
  'news',
  'pass',
  'previous',
  'process',
  'progress',
  'radius',
  'series',
  'sms',
  'status',
  'success',
  'this',
  'virus',
]);

/** English plurals as field names have them: `emails`, `addresses`, `replies`. */
function singular(word: string): string {
  if (NO_PLURALS.has(word)) {
    return word;
  }
  if (word.length < 4) {
    return word === 'ids' || word === 'ips' ? word.slice(0, -1) : word;
  }
  if (word.endsWith('ies')) {
    return `${word.slice(0, -3)}y`;
  }
  if (word.endsWith('sses')) {
    return word.slice(0, -2);
  }
  return word.endsWith('s') && !word.endsWith('ous') ? word.slice(0, -1) : word;
}
