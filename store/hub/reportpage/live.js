// Shows rows as they arrive on the page of the newest transactions. Without it
// the page is right as of when it was asked for.
"use strict";
(() => {
	const here = document.querySelector("[data-live]");
	if (!here || !window.EventSource) return;
	const said = document.getElementById("news");
	let first = true, asking = false, again = false;

	const rows = root => new Map([...root.querySelectorAll("tbody tr")].map(tr => [tr.dataset.key, tr]));

	async function look() {
		if (asking) { again = true; return; }
		asking = true;
		try {
			const answer = await fetch(location.href, { cache: "no-store" });
			if (!answer.ok) return;
			const page = new DOMParser().parseFromString(await answer.text(), "text/html");
			const fresh = page.querySelector("[data-live]");
			if (!fresh) { location.reload(); return; } // signed out
			const before = rows(here), after = rows(fresh);
			const at = document.activeElement?.closest("tr")?.dataset.key;
			here.replaceChildren(...fresh.childNodes);
			let news = 0;
			for (const [key, tr] of after) {
				const old = before.get(key);
				if (old && old.textContent === tr.textContent) continue;
				tr.classList.add("new");
				if (!old) news++;
			}
			if (at) rows(here).get(at)?.querySelector("a")?.focus({ preventScroll: true });
			if (news) said.textContent = news === 1 ? "One more transaction." : news + " more transactions.";
		} catch {
			said.textContent = "The hub is not heard. What is shown stands as it was.";
		} finally {
			asking = false;
			if (again) { again = false; look(); }
		}
	}

	const stream = new EventSource(here.dataset.live);
	stream.onmessage = () => { if (first) { first = false; said.textContent = "Rows show as they arrive."; } look(); };
	stream.onerror = () => { said.textContent = "The hub is not heard. What is shown stands as it was."; first = true; };
})();
