import { get, path, post, request } from './client';
import type { Session } from './types';

export const session = (send?: typeof fetch) => get<Session>(path('/session'), send);
export const signOut = () => request<void>('DELETE', path('/session'));
export const makeRecoveryKey = () => post<{ key: string }>(path('/session/recovery-key'));
export const recover = (key: string) => post<void>(path('/session/recover'), { key });
export const signIn = (server: string) =>
	post<{ authorize_url: string }>(path('/session/sign-in'), { server });
