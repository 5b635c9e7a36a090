import { about } from '#lib/api/about.js';
import { session } from '#lib/api/session.js';
import { prefs } from '#lib/state/prefs.svelte.js';

export const ssr = false;
export const prerender = false;

export async function load({ fetch, depends }) {
	depends('skein:session');
	const [aboutIt, who] = await Promise.all([about(fetch), session(fetch), prefs.start()]);
	return { about: aboutIt, session: who };
}
