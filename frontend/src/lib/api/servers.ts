import { get, path } from './client';
import type { ServerList } from './types';

export const servers = (move: string, language: string, send?: typeof fetch) =>
	get<ServerList>(path(`/moves/${encodeURIComponent(move)}/servers`, { language }), send);
