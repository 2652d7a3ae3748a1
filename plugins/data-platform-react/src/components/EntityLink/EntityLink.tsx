import { Link } from '@backstage/ui';

/**
 * A reference in short: without the kind of a group and without the default
 * namespace, which nearly all have.
 *
 * @public
 */
export function shortRef(entityRef: string): string {
  return entityRef.replace(/^group:/, '').replace(/(^|:)default\//, '$1');
}

/**
 * A link to an entity by its {@link shortRef}.
 *
 * @public
 */
export function EntityLink(props: {
  /** Full reference, such as `group:default/webhooks`. */
  entityRef: string;
  href: string;
}) {
  const { entityRef, href } = props;
  return (
    <Link href={href} title={entityRef}>
      {shortRef(entityRef)}
    </Link>
  );
}
