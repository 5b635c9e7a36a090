// Measures the page of people in a browser, against a service that holds many of them: `make bench-people`.
// It prints one JSON object. SKEIN_URL is the page's address, SKEIN_COOKIE the session; SKEIN_SHOT names a
// file for a picture of the page, SKEIN_CHROMIUM another browser.
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const url = process.env.SKEIN_URL ?? '';
const origin = new URL(url).origin;
const browser = await chromium.launch({
	executablePath: process.env.SKEIN_CHROMIUM ?? '/usr/bin/chromium',
	args: ['--no-sandbox', '--headless=new', '--disable-gpu', '--disable-dev-shm-usage']
});
const context = await browser.newContext({
	locale: 'en-GB',
	viewport: { width: 1280, height: 900 },
	reducedMotion: 'reduce'
});
await context.addCookies([{ name: 'skein', value: process.env.SKEIN_COOKIE ?? '', url: origin }]);
const page = await context.newPage();
page.on('pageerror', (e) => console.error(e.message));

await page.addInitScript(() => {
	const w = /** @type {any} */ (window);
	w.tasks = [];
	new PerformanceObserver((list) => {
		for (const entry of list.getEntries()) w.tasks.push({ at: entry.startTime, ms: entry.duration });
	}).observe({ type: 'longtask', buffered: true });
	const watch = new MutationObserver(() => {
		if (!document.querySelector('[role="row"][data-person]')) return;
		w.firstRows = performance.now();
		watch.disconnect();
	});
	watch.observe(document, { subtree: true, childList: true });
	/** meanwhile counts frames and long tasks while something is done. */
	w.meanwhile = async (/** @type {() => Promise<void>} */ what) => {
		const begun = performance.now();
		let frames = 0;
		let worst = 0;
		let last = begun;
		let on = true;
		const frame = (/** @type {number} */ now) => {
			frames++;
			worst = Math.max(worst, now - last);
			last = now;
			if (on) requestAnimationFrame(frame);
		};
		requestAnimationFrame(frame);
		await what();
		on = false;
		const ms = performance.now() - begun;
		await new Promise((done) => setTimeout(done, 100)); // the observer tells late
		const long = w.tasks
			.filter((/** @type {{at: number}} */ t) => t.at >= begun)
			.map((/** @type {{ms: number}} */ t) => t.ms);
		return {
			ms,
			fps: (frames / ms) * 1000,
			worstFrame: worst,
			longTasks: long.length,
			longest: Math.max(0, ...long)
		};
	};
	w.grid = () => document.querySelector('[role="grid"]');
	/** scroll moves evenly from one place to another. */
	w.scroll = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ ms) =>
		new Promise((done) => {
			const begun = performance.now();
			const step = () => {
				const part = Math.min(1, (performance.now() - begun) / ms);
				w.grid().scrollTop = from + (to - from) * part;
				if (part < 1) requestAnimationFrame(step);
				else done(undefined);
			};
			requestAnimationFrame(step);
		});
	/** here waits until all rows that are drawn have somebody in them. */
	w.here = () =>
		new Promise((done) => {
			const look = () => {
				const rows = [...document.querySelectorAll('[role="row"][data-index]')];
				const top = String(Math.floor(w.grid().scrollTop / rows[0].offsetHeight));
				const drawn = rows.some((r) => /** @type {HTMLElement} */ (r).dataset.index === top);
				if (drawn && rows.every((r) => r.hasAttribute('data-person'))) done(undefined);
				else requestAnimationFrame(look);
			};
			look();
		});
});

const rows = page.locator('[role="row"][data-person]');
/** @type {Record<string, unknown>} */
const result = {};

/** timed is how long something took for whoever looks, and what the browser did meanwhile. */
const timed = async (/** @type {() => Promise<void>} */ what) => {
	const before = await page.evaluate(() => performance.now());
	await what();
	return page.evaluate(async (before) => {
		const ms = performance.now() - before;
		await new Promise((done) => setTimeout(done, 100));
		const long = /** @type {any} */ (window).tasks.filter((/** @type {{at: number}} */ t) => t.at >= before);
		return { ms, longest: Math.max(0, ...long.map((/** @type {{ms: number}} */ t) => t.ms)) };
	}, before);
};

/**
 * traced adds the longest task by processor time, which other programs on the machine do not lengthen.
 * @template {object} T
 * @param {() => Promise<T>} what
 */
async function traced(what) {
	await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
	const got = await what();
	/** @type {{ traceEvents: { name: string, pid: number, tid: number, tdur?: number, args: { name?: string } }[] }} */
	const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
	if (process.env.SKEIN_TRACE) writeFileSync(process.env.SKEIN_TRACE, JSON.stringify({ traceEvents }));
	const main = new Set(
		traceEvents
			.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain')
			.map((e) => `${e.pid} ${e.tid}`)
	);
	const tasks = traceEvents.filter((e) => /RunTask$/.test(e.name) && main.has(`${e.pid} ${e.tid}`));
	const computed = tasks.map((e) => (e.tdur ?? 0) / 1000);
	return { ...got, computed: computed.reduce((a, b) => Math.max(a, b), 0) };
}

try {
	await page.goto(url);
	await rows.first().waitFor();
	result.firstRows = await page.evaluate(() => /** @type {any} */ (window).firstRows);
	result.rows = Number(await page.getByRole('grid').getAttribute('aria-rowcount')) - 1;
	await page.locator('[role="row"] img').first().waitFor();
	await page.waitForTimeout(1500);
	if (process.env.SKEIN_SHOT) await page.screenshot({ path: process.env.SKEIN_SHOT });

	result.steady = await traced(() =>
		page.evaluate(() => {
			const w = /** @type {any} */ (window);
			return w.meanwhile(() => w.scroll(0, 30_000, 10_000));
		})
	);
	result.fast = await traced(() =>
		page.evaluate(() => {
			const w = /** @type {any} */ (window);
			return w.meanwhile(() => w.scroll(0, w.grid().scrollHeight, 10_000));
		})
	);
	result.jumps = await page.evaluate(async () => {
		const w = /** @type {any} */ (window);
		const waits = /** @type {number[]} */ ([]);
		const all = await w.meanwhile(async () => {
			for (let i = 0; i < 40; i++) {
				const begun = performance.now();
				w.grid().scrollTop = ((i * 7919) % 20011) * (w.grid().scrollHeight / 20011);
				await new Promise(requestAnimationFrame);
				await w.here();
				waits.push(performance.now() - begun);
			}
		});
		waits.sort((a, b) => a - b);
		return { ...all, median: waits[20], slowest: waits.at(-1) };
	});

	await page.evaluate(() => /** @type {any} */ (window.grid().scrollTop = 0));
	const total = () => page.getByRole('grid').getAttribute('aria-rowcount');
	const changed = (/** @type {string | null} */ before) =>
		page.waitForFunction(
			(n) =>
				document.querySelector('[role="grid"]')?.getAttribute('aria-rowcount') !== n &&
				document.querySelector('[role="row"][data-person]'),
			before
		);
	let before = await total();
	result.filter = await timed(async () => {
		await page.getByRole('link', { name: /^Claimed/ }).click();
		await changed(before);
	});
	before = await total();
	result.unfilter = await timed(async () => {
		await page.getByRole('link', { name: /^All/ }).click();
		await changed(before);
	});
	const first = await rows.first().getAttribute('data-person');
	result.sort = await timed(async () => {
		await page.getByRole('combobox', { name: 'Order' }).selectOption('name');
		await page.waitForFunction((id) => {
			const row = document.querySelector('[role="row"][data-index="0"][data-person]');
			return row !== null && row.getAttribute('data-person') !== id;
		}, first);
	});
	await page.getByRole('combobox', { name: 'Order' }).selectOption('best');
	await page.waitForFunction(
		(id) => document.querySelector('[data-index="0"]')?.getAttribute('data-person') === id,
		first
	);
	before = await total();
	result.search = await timed(async () => {
		await page.getByRole('searchbox').fill('lovelace');
		await changed(before);
	});
	before = await total();
	await page.getByRole('searchbox').fill('');
	await changed(before);

	await rows.first().focus();
	const decisions = /** @type {number[]} */ ([]);
	let longest = 0;
	for (let i = 0; i < 50; i++) {
		const row = page.locator(`[data-index="${i}"]`);
		const one = await timed(async () => {
			await page.keyboard.press(i % 2 ? 'n' : 'y');
			await row.locator('[aria-pressed="true"]').waitFor();
		});
		decisions.push(one.ms);
		longest = Math.max(longest, one.longest);
		await page.keyboard.press('j');
	}
	decisions.sort((a, b) => a - b);
	result.decide = { ms: decisions[25], slowest: decisions.at(-1), longest };

	const cdp = await context.newCDPSession(page);
	await cdp.send('HeapProfiler.collectGarbage');
	await cdp.send('Performance.enable');
	const { metrics } = await cdp.send('Performance.getMetrics');
	const metric = (/** @type {string} */ name) => metrics.find((m) => m.name === name)?.value ?? 0;
	const { processInfo } = await (await browser.newBrowserCDPSession()).send('SystemInfo.getProcessInfo');
	const resident = processInfo
		.filter((p) => p.type === 'renderer')
		.map((p) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${p.id}/status`, 'utf8'))?.[1] ?? 0) * 1024);
	result.memory = { heap: metric('JSHeapUsedSize'), nodes: metric('Nodes'), resident: Math.max(...resident) };
	console.log(JSON.stringify(result));
} finally {
	await browser.close();
}
