import { get, path, post } from './client';
import type { PostsOptions, PostsPlan, RunPlan } from './types';

const of = (move: string) => `/moves/${encodeURIComponent(move)}`;

export const runPlan = (
	move: string,
	kind: 'follow' | 'blocks' | 'mutes' | 'lists',
	account: string,
	send?: typeof fetch
) => get<RunPlan>(path(`${of(move)}/plans/${kind}`, { account }), send);

/** undoPlan is what taking a Run back would do; 409 if it cannot be taken back now. */
export const undoPlan = (move: string, run: string, send?: typeof fetch) =>
	get<RunPlan>(path(`${of(move)}/plans/undo`, { run }), send);

export const postsPlan = (move: string, account: string, options: PostsOptions, send?: typeof fetch) =>
	post<PostsPlan>(path(`${of(move)}/posts-plan`), { account, options }, send);
