/** How much is kept of a person: characters, and links. As in importer/pages_users.go. */
export const most = { name: 100, location: 200, bio: 2000, url: 1000, urls: 5 };

/** long tells whether text has more characters than that. */
export const long = (text: string, n: number) => text.length > n && [...text].length > n;

/**
 * clean returns at most so many characters of text, without control characters but line breaks, if those are
 * kept, and without space around.
 */
export function clean(text: string, n: number, breaks: boolean): string {
	text = text
		.replace(breaks ? /\t/g : /[\t\n]/g, ' ')
		// eslint-disable-next-line no-control-regex
		.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufeff]/g, '')
		.trim();
	return long(text, n) ? [...text].slice(0, n).join('').trim() : text;
}

const webLink = /^https?:\/\/[^\u0000-\u0020/?#]+[^\u0000-\u0020]*$/;
const shortLink = /https?:\/\/t\.co\/[A-Za-z0-9]+/;

/** isLink tells of a link to a web page that is worth keeping. */
export const isLink = (url: string) => !long(url, most.url) && webLink.test(url);

/** addUrl adds a link; X's short links lead nowhere without X. */
export function addUrl(urls: string[], url: string) {
	if (isLink(url) && !shortLink.test(url) && !urls.includes(url)) urls.push(url);
}

export type Link = { short: string; long: string };

/** expand puts the targets of X's short links into their place. */
export const expand = (text: string, links: Link[]) =>
	text.replace(
		new RegExp(shortLink, 'g'),
		(short) => links.find((l) => l.short === short && isLink(l.long))?.long ?? short
	);

/** unescapeAmp undoes the three escapes that X's texts have. */
export const unescapeAmp = (text: string) =>
	text.replace(/&(lt|gt|amp);/g, (_, name: string) => ({ lt: '<', gt: '>', amp: '&' })[name]!);

/** twitterId is text if it is a numeric id, else empty. */
export const twitterId = (text: string) => (/^[1-9][0-9]{0,19}$/.test(text) ? text : '');

/** handleOf is the screen name in text, else empty. */
export const handleOf = (text: string) => /^@?([A-Za-z0-9_]{1,20})$/.exec(text.trim())?.[1] ?? '';
