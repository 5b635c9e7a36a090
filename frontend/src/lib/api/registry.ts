import { get, path, post, request } from './client';
import type { RegistryEntries } from './types';

const of = (move: string, more = '') => path(`/moves/${encodeURIComponent(move)}${more}`);

export const entries = (move: string, send?: typeof fetch) =>
	get<RegistryEntries>(of(move, '/registry'), send);

/** Consent is who may find an account. Hide and show are handles or ids of X accounts. */
export type Consent = {
	inside: boolean;
	everybody: boolean;
	hide?: string[];
	show?: string[];
	show_to_all?: boolean;
};

export const saveEntry = (move: string, account: string, consent: Consent) =>
	request<RegistryEntries>('PUT', of(move, `/registry/${encodeURIComponent(account)}`), consent);

export const withdrawEntry = (move: string, entry: string) =>
	request<RegistryEntries>('DELETE', of(move, `/registry/${encodeURIComponent(entry)}`));

/** xSignIn returns the page of X where the owner signs in. */
export const xSignIn = (move: string) => post<{ authorize_url: string }>(of(move, '/x-sign-in'));
