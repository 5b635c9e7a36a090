import { get, path, post } from './client';
import type { FollowPlan, PostsOptions, PostsPlan } from './types';

const of = (move: string) => `/moves/${encodeURIComponent(move)}`;

export const followPlan = (move: string, account: string, send?: typeof fetch) =>
	get<FollowPlan>(path(`${of(move)}/follow-plan`, { account }), send);

export const postsPlan = (move: string, account: string, options: PostsOptions, send?: typeof fetch) =>
	post<PostsPlan>(`${of(move)}/posts-plan`, { account, options }, send);
