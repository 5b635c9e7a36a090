import { servers } from '#lib/api/servers.js';
import { locale } from '#lib/i18n/index.svelte.js';

export async function load({ fetch, params, url, parent }) {
	await parent(); // knows the language
	const language = url.searchParams.get('language') ?? locale();
	return { language, list: await servers(params.move, language, fetch) };
}
