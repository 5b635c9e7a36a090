/**
 * The server tells the owner in English sentences why a step was skipped or a run waits, and keeps them so. A
 * language has these sentences as templates, {1} and {2} standing for what differs.
 */

/** Template is an English sentence cut where its values stand, and what it is in the language. */
type Template = { pieces: string[]; said: string };
export type Said = { language: string; whole: Map<string, string>; templates: Template[] };

const value = /\{\d\}/;
const grouped = /^\d{1,3}(,\d{3})+$/; // as English writes 12,345
const deepest = 3; // values are sentences in their turn: about 3 hours: the server allows …

/** learn prepares the sentences of a language; the templates with most words of their own come first. */
export function learn(language: string, sentences: Record<string, string>): Said {
	const whole = new Map<string, string>();
	const templates: Template[] = [];
	for (const [english, said] of Object.entries(sentences)) {
		if (value.test(english)) templates.push({ pieces: english.split(value), said });
		else whole.set(english, said);
	}
	const words = (t: Template) => t.pieces.join('').length;
	return { language, whole, templates: templates.sort((a, b) => words(b) - words(a)) };
}

/** inLanguage is the sentence in the language, or as it came where the language does not know it. */
export function inLanguage(said: Said, text: string, depth = 0): string {
	if (grouped.test(text))
		return new Intl.NumberFormat(said.language).format(Number(text.replaceAll(',', '')));
	const whole = said.whole.get(text);
	if (whole !== undefined || depth === deepest) return whole ?? text;
	for (const template of said.templates) {
		const values = valuesOf(template.pieces, text);
		if (values)
			return template.said.replace(/\{(\d)\}/g, (_, n: string) =>
				inLanguage(said, values[Number(n) - 1] ?? '', depth + 1)
			);
	}
	return text;
}

/** valuesOf is what stands between the pieces, if text is made of them; it takes no longer than text is long. */
function valuesOf(pieces: string[], text: string): string[] | undefined {
	const first = pieces[0]!;
	const last = pieces.at(-1)!;
	if (!text.startsWith(first) || !text.endsWith(last)) return undefined;
	const end = text.length - last.length;
	const values = [];
	let at = first.length;
	for (const piece of pieces.slice(1, -1)) {
		const next = text.indexOf(piece, at + 1);
		if (next < 0) return undefined;
		values.push(text.slice(at, next));
		at = next + piece.length;
	}
	if (end <= at) return undefined;
	values.push(text.slice(at, end));
	return values;
}
