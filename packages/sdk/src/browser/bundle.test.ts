import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const MAX_GZIPPED_BYTES = 13_000;

describe('the browser bundle', () => {
  it('needs nothing of Node, and stays small', async () => {
    // esbuild fails on an import of Node for the platform browser.
    const { outputFiles, metafile } = await build({
      entryPoints: [join(__dirname, '..', 'browser.ts')],
      bundle: true,
      minify: true,
      platform: 'browser',
      format: 'esm',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });

    const inputs = Object.keys(metafile.inputs);
    expect(inputs.filter(path => /fileQueue|\/node\//.test(path))).toEqual([]);
    const foreign = inputs.filter(path => path.includes('node_modules'));
    expect(foreign.every(path => path.includes('node_modules/uuidv7/'))).toBe(
      true,
    );
    const [{ contents, text }] = outputFiles;
    expect(gzipSync(contents).length).toBeLessThan(MAX_GZIPPED_BYTES);
    // Not by name either: these exist in Node only.
    expect(text).not.toMatch(/\bBuffer\b|\bprocess\b|require\(/);
  });

  it('notices an import of Node', async () => {
    const building = build({
      stdin: {
        contents: "export * from './index'",
        resolveDir: join(__dirname, '..'),
        loader: 'ts',
      },
      bundle: true,
      platform: 'browser',
      write: false,
      logLevel: 'silent',
    });

    await expect(building).rejects.toThrow(/node:/);
  });
});
