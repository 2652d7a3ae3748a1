const FIELDS = 'input, textarea, button';

/**
 * Moves the focus to the field that a pointer is about. Fields are marked with
 * `data-at`; the mark at the pointer counts first, then the first one inside (a
 * problem of a whole row), then the nearest one around it.
 *
 * @returns whether there was one
 */
export function focusAt(root: HTMLElement, pointer: string): boolean {
  const marked = [...root.querySelectorAll<HTMLElement>('[data-at]')];
  const atOf = ({ dataset }: HTMLElement) => dataset.at ?? '';
  const target =
    marked.find(element => atOf(element) === pointer) ??
    marked.find(element => atOf(element).startsWith(`${pointer}/`)) ??
    marked
      .filter(element => pointer.startsWith(`${atOf(element)}/`))
      .sort((a, b) => atOf(b).length - atOf(a).length)[0];
  const field = [...(target?.querySelectorAll<HTMLElement>(FIELDS) ?? [])].find(
    // A select has hidden twins, and of radio buttons one is a stop.
    element =>
      element.getAttribute('tabindex') !== '-1' &&
      !element.closest('[aria-hidden="true"]'),
  );
  field?.focus();
  field?.scrollIntoView?.({ block: 'center' });
  return Boolean(field);
}
