// Writes x.br and x.gz beside each file of dist/ that gets smaller by it, so that the gateway compresses nothing.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const DIST = new URL('../dist', import.meta.url).pathname;
const COMPRESSIBLE = /\.(js|css|svg|json|webmanifest|txt)$/;

const brotli = (bytes) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } });
const gzip = (bytes) => gzipSync(bytes, { level: 9 });

for (const name of readdirSync(DIST, { recursive: true }).filter((name) => COMPRESSIBLE.test(name))) {
  const path = join(DIST, name);
  const bytes = readFileSync(path);
  for (const [ending, compress] of [
    ['br', brotli],
    ['gz', gzip],
  ]) {
    const compressed = compress(bytes);
    if (compressed.length < bytes.length) writeFileSync(`${path}.${ending}`, compressed);
  }
}
