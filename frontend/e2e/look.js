import { AxeBuilder } from '@axe-core/playwright';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

const shots = process.env.SKEIN_SHOTS;
const views = [
	{ name: 'desktop', width: 1280, height: 900 },
	{ name: 'phone', width: 360, height: 740 }
];
const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * look checks what holds for every page, at both widths and in both colour schemes: axe finds nothing,
 * nothing scrolls sideways, there is a title and one h1. It leaves the page as wide and light as it was.
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
export async function look(page, name) {
	const faults = [];
	await page.locator('h1').first().waitFor();
	if (!(await page.title()).includes('Skein')) faults.push('no title');
	if ((await page.locator('h1').count()) !== 1) faults.push('not exactly one h1');
	for (const view of views) {
		await page.setViewportSize(view);
		for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
			await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
			const where = `${view.name} ${colorScheme}`;
			if (shots) {
				await mkdir(shots, { recursive: true });
				await page.screenshot({
					path: join(shots, `${name}-${view.name}-${colorScheme}.png`),
					fullPage: true,
					animations: 'disabled'
				});
			}
			const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
			if (over > 0) faults.push(`${where}: scrolls sideways by ${over} px`);
			const { violations } = await new AxeBuilder({ page }).withTags(standards).analyze();
			for (const v of violations) {
				faults.push(`${where}: ${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
			}
		}
	}
	await page.setViewportSize(views[0]);
	await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
	if (faults.length > 0) throw new Error(`${name}:\n  ${faults.join('\n  ')}`);
}

/**
 * pressByKeyboard tabs from the top of the page until the element has the focus, then presses Enter.
 * @param {import('playwright-core').Page} page
 * @param {import('playwright-core').Locator} target
 */
export async function pressByKeyboard(page, target) {
	await reach(page, target);
	await page.keyboard.press('Enter');
}

/**
 * reach fails if the element cannot be reached with the Tab key.
 * @param {import('playwright-core').Page} page
 * @param {import('playwright-core').Locator} target
 */
export async function reach(page, target) {
	const most = 150;
	await target.waitFor();
	await page.evaluate(() => {
		if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
		window.getSelection()?.removeAllRanges();
		window.scrollTo(0, 0);
	});
	for (let i = 0; i < most; i++) {
		await page.keyboard.press('Tab');
		if (await target.evaluate((e) => e === document.activeElement)) return;
	}
	throw new Error(`${target} cannot be reached by keyboard`);
}
