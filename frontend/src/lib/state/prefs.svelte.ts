import { preferred, setLocale, type Locale } from '#lib/i18n/index.svelte.js';

export type Theme = 'system' | 'light' | 'dark';

function read(key: string): string | null {
	try {
		return localStorage.getItem(key);
	} catch {
		return null;
	}
}

function write(key: string, value: string | null) {
	try {
		if (value === null) localStorage.removeItem(key);
		else localStorage.setItem(key, value);
	} catch {
		// Storage may be switched off; the choice then holds until the page is left.
	}
}

class Prefs {
	theme = $state<Theme>('system');
	/** singleKeys are y, n, j, k and the like; who speaks to the computer may want them off. */
	singleKeys = $state(true);

	/** start applies what was chosen on an earlier visit. */
	async start() {
		const theme = read('skein.theme');
		if (theme === 'light' || theme === 'dark') this.theme = theme;
		this.singleKeys = read('skein.keys') !== 'off';
		await setLocale(preferred(read('skein.locale'), navigator.languages));
	}

	setTheme(theme: Theme) {
		this.theme = theme;
		if (theme === 'system') delete document.documentElement.dataset.theme;
		else document.documentElement.dataset.theme = theme;
		write('skein.theme', theme === 'system' ? null : theme);
	}

	setSingleKeys(on: boolean) {
		this.singleKeys = on;
		write('skein.keys', on ? null : 'off');
	}

	async setLocale(locale: Locale) {
		await setLocale(locale);
		write('skein.locale', locale);
	}
}

export const prefs = new Prefs();
