import { get, path, post, request } from './client';
import type { Account } from './types';

export const accounts = async (send?: typeof fetch) =>
	(await get<{ accounts: Account[] | null }>(path('/accounts'), send)).accounts ?? [];

/** connect returns the page of the owner's server where they allow what we ask for. */
export const connect = (move: string, server: string, features: string[]) =>
	post<{ authorize_url: string }>(path('/accounts/connect'), { move, server, features });

export const disconnect = (id: string) =>
	request<void>('DELETE', path(`/accounts/${encodeURIComponent(id)}`));
