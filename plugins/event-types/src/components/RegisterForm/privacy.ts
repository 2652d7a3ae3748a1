import type {
  EventTypePreview,
  FieldSummary,
  PrivacyFinding,
} from '@millrace/plugin-event-types-common';
import { annotate, avroFieldsOf } from './avroFields';
import type { Draft } from './draft';

/** A field, and what was said of it: does it hold something about a person? */
export interface FieldDecision {
  path: string;
  /** RFC 6901 pointer to the field in the Avro record. */
  pointer: string;
  /** In words, such as `array<string>`. */
  type: string;
  /** What it holds, once that was said in the form or in the schema itself. */
  semanticType?: string;
  /** Why somebody should say it. */
  finding?: PrivacyFinding;
  /** A field around it is personal, and so speaks for it. */
  isCovered: boolean;
  /** Whether registering waits for a decision. */
  isOpen: boolean;
}

/** Whether a finding has to be decided; others are worth a look. */
function isDue(finding: PrivacyFinding | undefined): boolean {
  return finding !== undefined && finding.confidence !== 'possible';
}

/**
 * Every field of a previewed schema with what was decided of it. First those that
 * have to be decided, then those that are worth a look, then the others. A field
 * stays in its place when it is decided, so that nothing moves under the hand.
 *
 * The backend judges again when it is asked to register.
 */
export function fieldDecisions(
  draft: Draft,
  preview: EventTypePreview | undefined,
  personalTypes: ReadonlySet<string>,
): FieldDecision[] {
  const types = new Map(
    preview?.fields.map(({ path, type }) => [path, type] as const),
  );
  const findings = new Map(
    preview?.privacy.map(finding => [finding.pointer, finding] as const),
  );
  const personal = new Set<string>();
  const decisions = avroFieldsOf(preview?.schema).map(
    (field): FieldDecision => {
      const { path, pointer, holder } = field;
      const semanticType = decisionOf(draft, field) ?? field.semanticType;
      const isCovered = holder !== undefined && personal.has(holder);
      if (isCovered || (semanticType && personalTypes.has(semanticType))) {
        personal.add(path);
      }
      const finding = findings.get(pointer);
      return {
        path,
        pointer,
        type: types.get(path) ?? '',
        semanticType,
        finding,
        isCovered,
        isOpen: isDue(finding) && semanticType === undefined && !isCovered,
      };
    },
  );
  const rank = ({ finding }: FieldDecision) =>
    finding ? Number(!isDue(finding)) : 2;
  return decisions.sort((a, b) => rank(a) - rank(b));
}

/** The place of a field in the list of fields, if the schema is such a list. */
function rowOf(draft: Draft, pointer: string): number | undefined {
  const index = /^\/fields\/(\d+)$/.exec(pointer)?.[1];
  return draft.source === 'fields' && index !== undefined
    ? Number(index)
    : undefined;
}

function decisionOf(
  draft: Draft,
  field: { path: string; pointer: string },
): string | undefined {
  const row = rowOf(draft, field.pointer);
  if (row !== undefined) {
    return draft.fields[row]?.semanticType;
  }
  // Paths are named by others: `constructor` is a name like any other.
  return Object.hasOwn(draft.decisions, field.path)
    ? draft.decisions[field.path]
    : undefined;
}

/**
 * The change that says of some fields what they hold.
 *
 * @param semanticTypes - by field; undefined takes a decision back
 */
export function decide(
  draft: Draft,
  semanticTypes: ReadonlyMap<FieldDecision, string | undefined>,
): Partial<Draft> {
  const fields = [...draft.fields];
  const decisions = new Map(Object.entries(draft.decisions));
  for (const [field, semanticType] of semanticTypes) {
    const row = rowOf(draft, field.pointer);
    if (row !== undefined && fields[row]) {
      fields[row] = { ...fields[row], semanticType };
    } else if (semanticType === undefined) {
      decisions.delete(field.path);
    } else {
      decisions.set(field.path, semanticType);
    }
  }
  return { fields, decisions: Object.fromEntries(decisions) };
}

/** A preview with what was decided written into it. */
export function decidedPreview(
  draft: Draft,
  preview: EventTypePreview,
): { schema: unknown; fields: FieldSummary[] } {
  const byPointer = new Map<string, string>();
  const byPath = new Map<string, string>();
  for (const field of avroFieldsOf(preview.schema)) {
    const semanticType = decisionOf(draft, field);
    if (semanticType !== undefined) {
      byPointer.set(field.pointer, semanticType);
      byPath.set(field.path, semanticType);
    }
  }
  return {
    schema: annotate(preview.schema, byPointer),
    fields: preview.fields.map(field => ({
      ...field,
      ...(byPath.has(field.path) && {
        semanticType: byPath.get(field.path),
      }),
    })),
  };
}
