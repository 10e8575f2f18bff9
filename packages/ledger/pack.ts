import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const own = fileURLToPath(new URL('.', import.meta.url));

/**
 * Builds the package as it is published: plain JavaScript and its types in dist, the migrations beside it. The workspace
 * itself runs the TypeScript and needs none of this.
 * @returns the path of the tarball in `into`
 */
export async function pack(into: string): Promise<string> {
  const stage = await mkdtemp(join(tmpdir(), 'ledger-pack-'));
  try {
    await build(stage);
    await mkdir(into, { recursive: true });
    const { stdout } = await run('npm', ['pack', '--json', '--silent', '--pack-destination', resolve(into)], {
      cwd: stage,
    });
    const packed = JSON.parse(stdout) as { filename: string }[] | Record<string, { filename: string }>;
    const [first] = Object.values(packed);
    if (first === undefined) throw new Error('npm pack made nothing');
    return join(resolve(into), first.filename);
  } finally {
    await rm(stage, { recursive: true });
  }
}

async function build(stage: string): Promise<void> {
  const config = {
    extends: join(own, '../../tsconfig.base.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      allowImportingTsExtensions: true,
      rewriteRelativeImportExtensions: true,
      rootDir: join(own, 'src'),
      outDir: join(stage, 'dist'),
      typeRoots: [join(own, '../../node_modules/@types')],
    },
    files: [join(own, 'src/index.ts')],
  };
  await writeFile(join(stage, 'tsconfig.json'), JSON.stringify(config));
  const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
  await run(process.execPath, [tsc, '-p', join(stage, 'tsconfig.json')], { cwd: own });
  await rm(join(stage, 'tsconfig.json'));
  await cp(join(own, 'sql'), join(stage, 'sql'), { recursive: true });
  await cp(join(own, 'README.md'), join(stage, 'README.md'));
  await cp(join(own, '../../LICENSE'), join(stage, 'LICENSE'));
  const { devDependencies: _, ...manifest } = JSON.parse(
    await readFile(join(own, 'package.json'), 'utf8'),
  ) as Record<string, unknown>;
  const published = {
    ...manifest,
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './schema.sql': './sql/schema.sql',
      './package.json': './package.json',
    },
    files: ['dist', 'sql'],
  };
  await writeFile(join(stage, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(await pack(process.argv[2] ?? '.'));
}
