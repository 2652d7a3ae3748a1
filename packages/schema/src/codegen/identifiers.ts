/**
 * Names a generated file must not give to anything: words that TypeScript keeps
 * for itself, and names the file uses.
 */
const TAKEN = [
  'EventTypeDescriptor',
  'Object',
  ...(
    'any arguments as async await boolean break case catch class const ' +
    'constructor continue debugger declare default delete do else enum eval ' +
    'export extends false finally for from function get if implements import ' +
    'in infer instanceof interface is keyof let module namespace never new ' +
    'null number object of package private protected public readonly require ' +
    'return set static string super switch symbol this throw true try type ' +
    'typeof undefined unique unknown var void while with yield'
  ).split(' '),
];

/** Gives out identifiers, each one once. */
export class Identifiers {
  private readonly taken = new Set(TAKEN);

  /** The wanted name, or the first free one with a number behind it. */
  give(wanted: string): string {
    let name = this.taken.has(wanted) ? `${wanted}Event` : wanted;
    for (let n = 2; this.taken.has(name); n += 1) {
      name = `${wanted}${n}`;
    }
    this.taken.add(name);
    return name;
  }
}

/** `shop.order_paid` becomes `ShopOrderPaid`. */
export function pascalCase(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** `ShopOrderPaid` becomes `shopOrderPaid`. */
export function camelCase(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
