// Runs before the first paint, so that nobody sees a flash of the wrong colours.
// lib/state/prefs.svelte.ts writes the two keys.
(function () {
	try {
		var theme = localStorage.getItem('skein.theme');
		if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
		var locale = localStorage.getItem('skein.locale');
		if (locale) document.documentElement.lang = locale;
	} catch (e) {
		// Storage may be switched off; the defaults are fine then.
	}
})();
