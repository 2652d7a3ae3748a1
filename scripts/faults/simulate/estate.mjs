// What everybody in the simulator knows.

export const TYPES = ['shop.order', 'shop.visit'];
export const BUCKET_SECONDS = 10;

/** Where a partition lies in the lake. */
export const pathOf = (type, start) => `${type}/${start}/r0001`;

/** What tells one content of a partition from another. */
export const sealOf = ({ keys, sealedAt }) => `${sealedAt} ${keys.join()}`;
