import { about } from '#lib/api/about.js';
import { session } from '#lib/api/session.js';
import type { About } from '#lib/api/types.js';
import { prefs } from '#lib/state/prefs.svelte.js';

export const ssr = false;
export const prerender = false;

const unknown: About = {
	version: '',
	demo: false,
	public_url: '',
	demo_archive: null,
	demo_server: null,
	sources: [],
	list_rows: 0
};

/** An error of this load would leave nothing but a bare page of SvelteKit's: it is handed to the layout. */
export async function load({ fetch, depends }) {
	depends('skein:session');
	let failure: unknown;
	const or =
		<T>(otherwise: T) =>
		(e: unknown) => {
			failure = e;
			return otherwise;
		};
	const [aboutIt, who] = await Promise.all([
		about(fetch).catch(or(unknown)),
		session(fetch).catch(or({ signed_in: false, has_recovery_key: false })),
		prefs.start()
	]);
	return { about: aboutIt, session: who, failure };
}
