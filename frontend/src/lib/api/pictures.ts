import { path, post, request } from './client';
import type { Pictures, PostsOptions } from './types';

const of = (move: string, rest: string) => `/moves/${encodeURIComponent(move)}/${rest}`;

/** pictures is a page of what the chosen posts hold: without words first, most seen first. */
export const pictures = (
	move: string,
	query: { account: string; options: PostsOptions; offset?: number; limit?: number },
	send?: typeof fetch
) => post<Pictures>(path(of(move, 'pictures')), query, send);

/** describe keeps what a picture shows; an empty text forgets it. */
export const describe = (move: string, file: string, alt: string) =>
	request<void>('PUT', path(of(move, `pictures/${encodeURIComponent(file)}/alt`)), { alt });

/** bringAltTexts reads a file (CSV, TSV or JSON) that says what pictures show. */
export const bringAltTexts = (move: string, text: string) =>
	post<{ known: number; unknown: number }>(path(of(move, 'alt-texts')), { text });
