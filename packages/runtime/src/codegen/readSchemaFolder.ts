import fs from 'node:fs/promises';
import path from 'node:path';
import { CodegenEventType } from '@millrace/schema';
import { parseAllDocuments } from 'yaml';
import { UsageError } from '../errors';
import { readEventType } from './readEventType';

/**
 * The event types declared in a folder and those below it: documents of `kind:
 * EventType` in YAML files, and Avro records in files called
 * `<event type>.avsc`. Other files and documents are passed over; links are not
 * followed.
 *
 * @throws UsageError `codegen_failed`
 */
export async function readSchemaFolder(
  folder: string,
): Promise<CodegenEventType[]> {
  const entries = await fs
    .readdir(folder, { recursive: true, withFileTypes: true })
    .catch(error => {
      throw new UsageError(
        'codegen_failed',
        `The folder ${folder} cannot be read: ${error.message}`,
        'Give a folder with declarations of event types to --schemas.',
      );
    });
  const eventTypes: CodegenEventType[] = [];
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && /\.ya?ml$/.test(entry.name)) {
      eventTypes.push(...readYaml(await fs.readFile(file, 'utf8'), file));
    } else if (entry.isFile() && entry.name.endsWith('.avsc')) {
      eventTypes.push(readAvro(await fs.readFile(file, 'utf8'), file));
    }
  }
  return eventTypes;
}

function readYaml(text: string, file: string): CodegenEventType[] {
  const declarations: CodegenEventType[] = [];
  for (const document of parseAllDocuments(text)) {
    if (document.errors.length > 0) {
      throw new UsageError(
        'codegen_failed',
        `${file} is not YAML: ${document.errors[0].message}`,
        'Correct it.',
      );
    }
    const entity = document.toJS() as {
      kind?: unknown;
      metadata?: { name?: unknown; description?: unknown };
      spec?: { schema?: unknown };
    } | null;
    if (entity?.kind === 'EventType') {
      const { name, description } = entity.metadata ?? {};
      const schema = entity.spec?.schema;
      declarations.push(readEventType({ name, description, schema }, file));
    }
  }
  return declarations;
}

function readAvro(text: string, file: string): CodegenEventType {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch {
    throw new UsageError(
      'codegen_failed',
      `${file} is not JSON.`,
      'Correct it: an .avsc file holds an Avro record as JSON.',
    );
  }
  return readEventType({ name: path.basename(file, '.avsc'), schema }, file);
}
