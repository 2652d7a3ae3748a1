// What the planted defects of delivery are made with. Preloaded into a process,
// it changes what one module gives to others, or a method of a library. A defect
// whose place is not there any more has to be planted anew: so each one says
// when it has been planted, and one that never says so has failed.
const Module = require('node:module');

const changes = [];
const load = Module._load;
const wrapped = new WeakMap();
let isHooked = false;

/** Says that the defect is in place now. */
const planted = name => process.stderr.write(`planted: ${name}\n`);

/**
 * @param {string} file the end of the path of a module, as in
 *   `sealer/closing/decideClosing.ts`
 * @param {Record<string, (real: unknown) => unknown>} exports what it gives
 *   instead
 */
function plant(file, exports) {
  changes.push({ file, exports });
  if (isHooked) return;
  isHooked = true;
  Module._load = function loadChanged(request, parent, isMain) {
    const real = load.call(this, request, parent, isMain);
    if (typeof real !== 'object' || real === null) return real;
    if (!/^[./@]/.test(request)) return real;
    let path;
    try {
      path = Module._resolveFilename(request, parent, isMain);
    } catch {
      return real;
    }
    const change = changes.find(each => path.endsWith(`/${each.file}`));
    return change ? changed(real, change) : real;
  };
}

function changed(real, { file, exports }) {
  if (wrapped.has(real)) return wrapped.get(real);
  const copy = {};
  for (const name of Object.keys(real)) {
    Object.defineProperty(copy, name, {
      enumerable: true,
      configurable: true,
      get: () => real[name],
    });
  }
  Object.defineProperty(copy, '__esModule', { value: true });
  wrapped.set(real, copy);
  for (const [name, change] of Object.entries(exports)) {
    let made;
    Object.defineProperty(copy, name, {
      enumerable: true,
      configurable: true,
      // Not before it is asked for: modules may depend on each other.
      get: () => {
        if (made === undefined && real[name] !== undefined) {
          made = change(real[name]);
          planted(`${file} ${name}`);
        }
        return made;
      },
    });
  }
  return copy;
}

/** Files that are opened where `isMeant` says so are flushed only in word. */
function forgetFlush(isMeant) {
  const files = require('node:fs/promises');
  const { open } = files;
  let isSaid = false;
  files.open = async (file, ...rest) => {
    const handle = await open(file, ...rest);
    if (isMeant(String(file), rest[0])) {
      handle.sync = async () => {};
      handle.datasync = async () => {};
      if (!isSaid) planted(`no flush of ${file}`);
      isSaid = true;
    }
    return handle;
  };
}

module.exports = { forgetFlush, plant, planted };
