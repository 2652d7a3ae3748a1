import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compileValidator,
  EventSchema,
  parseEventSchema,
  parseEventTypeName,
} from '@millrace/schema';
import { parseAllDocuments } from 'yaml';

const DOCS = path.resolve(__dirname, '../../../../docs');

describe('docs/borrowed-clients.md', () => {
  const text = readFileSync(path.join(DOCS, 'borrowed-clients.md'), 'utf8');
  const schemas = new Map<string, EventSchema>();
  for (const [, yaml] of text.matchAll(/```yaml\n(.*?)```/gs)) {
    for (const document of parseAllDocuments(yaml)) {
      const { metadata, spec } = document.toJS();
      schemas.set(
        parseEventTypeName(metadata.name),
        parseEventSchema(spec.schema),
      );
    }
  }
  const samples = [
    ...text.matchAll(/<!-- data of (\S+) -->\n+```json\n(.*?)```/gs),
  ].map(([, eventType, json]) => [eventType, JSON.parse(json)]);

  it('shows event types that can be registered as they are', () => {
    expect([...schemas.keys()]).toEqual([
      'app.order_completed',
      'app.identify',
      'app.page',
      'shop.order_paid',
    ]);
    expect(samples).toHaveLength(3);
  });

  it.each(samples)('shows data of %s that fits', (eventType, data) => {
    expect(compileValidator(schemas.get(eventType)!)(data)).toEqual([]);
  });
});
