// Holds what a first visit loads to its budget: everything index.html asks for, the start page's own files
// and the larger message file, compressed as served. Run it after a build.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const firstRoute = 80_000;
const anyRoute = 60_000;
const build = 'build';

const gzipped = (/** @type {string} */ name) =>
	gzipSync(readFileSync(join(build, name)), { level: 9 }).length;
const html = readFileSync(join(build, 'index.html'), 'utf8');
const linked = [...html.matchAll(/(?:href|src)="\/(_app\/[^"]+|early\.js)"/g)].map((m) => m[1] ?? '');

/** imports are the files that a script loads at once, itself included. */
function imports(/** @type {string} */ name, /** @type {Set<string>} */ seen) {
	if (seen.has(name)) return seen;
	seen.add(name);
	const folder = name.slice(0, name.lastIndexOf('/'));
	const source = readFileSync(join(build, name), 'utf8');
	for (const [, to] of source.matchAll(/(?:from|import)\s*["'](\.[^"']+\.js)["']/g)) {
		imports(join(folder, to ?? '').replaceAll('\\', '/'), seen);
	}
	return seen;
}

const folder = '_app/immutable';
const at = (/** @type {string} */ sub) =>
	readdirSync(join(build, folder, sub)).map((f) => `${folder}/${sub}/${f}`);
const scripts = (/** @type {string[]} */ names) => names.filter((f) => f.endsWith('.js'));

const first = new Set(['index.html', ...linked]);
for (const name of linked.filter((f) => f.endsWith('.js') && f.startsWith('_app'))) imports(name, first);
const nodes = scripts(at('nodes'));
// Nodes are numbered: layouts and the error page first, then routes by path; 3 is the start page.
const start = nodes.find((f) => readFileSync(join(build, f), 'utf8').includes('start.lead'));
if (!start) throw new Error('the start page is not in the build');
imports(start, first);
const messages = scripts(at('chunks')).filter((f) =>
	readFileSync(join(build, f), 'utf8').includes('"page.skip"')
);
const largest = Math.max(0, ...messages.map(gzipped));
for (const name of messages) first.delete(name);
const styles = at('assets').filter((f) => f.endsWith('.css'));
for (const name of styles) {
	const node = start.match(/\/(\d+)\./)?.[1];
	if (name.includes(`/${node}.`)) first.add(name);
}
const total = [...first].reduce((sum, name) => sum + gzipped(name), 0) + largest;

let failed = total > firstRoute;
console.log(
	`first route: ${(total / 1000).toFixed(1)} kB gz of ${firstRoute / 1000} (messages ${(largest / 1000).toFixed(1)})`
);
for (const node of nodes) {
	const own = [...imports(node, new Set())].filter((name) => !first.has(name));
	const size = own.reduce((sum, name) => sum + gzipped(name), 0);
	if (size > anyRoute) {
		failed = true;
		console.error(
			`${node}: ${(size / 1000).toFixed(1)} kB gz more than the first route, ${anyRoute / 1000} allowed`
		);
	}
}
const whole = [...scripts(at('entry')), ...nodes, ...scripts(at('chunks')), ...styles];
console.log(
	`all scripts and styles: ${(whole.reduce((sum, name) => sum + gzipped(name), 0) / 1000).toFixed(1)} kB gz`
);
if (failed) {
	console.error('over budget');
	process.exit(1);
}
