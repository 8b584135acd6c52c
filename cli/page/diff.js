/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */

const CHANGES = new Map([["added", "added"], ["removed", "removed"], ["changed", "changed"]]);
const WHATS = new Map([["inside", "unnamed part"], ["target", "target type"], ["kind", "form"]]);

function badge(change) {
	return el("span", { class: "badge " + (CHANGES.get(change) || "other") }, plainName(change));
}

/* Bytes of BTF that a change accounts for. */
function recordDelta(change) {
	return (change.new_bytes || 0) - (change.old_bytes || 0);
}

function whatOf(detail) {
	return WHATS.get(detail.what) || detail.what;
}

/* "2 members added, 14 moved, result": what the details of a change come to. */
function summary(change) {
	const parts = new Map();

	if (change.change !== "changed") {
		return [change.text || "", change.section ? "in " + change.section : "",
			change.section && change.offset !== undefined ? "at " + group(change.offset) : ""]
			.filter(text => text).join(" ");
	}
	for (const detail of change.details || []) {
		/* Sizes have columns of their own. */
		if (detail.what === "size")
			continue;

		const what = whatOf(detail);
		const how = [].concat(detail.change || "changed").join(" and ");
		const key = what + "\n" + how;

		parts.set(key, (parts.get(key) || 0) + 1);
	}

	let last = "";
	const text = [...parts].map(([key, count]) => {
		const [what, how] = key.split("\n");
		const counted = detailIsOneOfMany(what);
		const said = (last === what ? group(count) : counted ?
			plural(count, what, what === "unnamed part" ? "unnamed parts" : what + "s").replace("\u00a0", " ") :
			what) + (counted ? " " + how : "");

		last = what;
		return said;
	});

	return text.join(", ");
}

function detailIsOneOfMany(what) {
	return ["member", "enumerator", "parameter", "tag", "unnamed part"].includes(what);
}

function bitOffset(bits) {
	return bits % 8 ? group(Math.floor(bits / 8)) + "\u00a0+\u00a0" + plural(bits % 8, "bit") : group(bits / 8);
}

/* The word behind an INT: include/uapi/linux/btf.h, BTF_INT_*. */
function encoding(word) {
	const names = [[1, "signed"], [2, "char"], [4, "bool"]].filter(([bit]) => word >>> 24 & bit);
	const start = word >>> 16 & 0xff;

	return [...names.map(pair => pair[1]), plural(word & 0xff, "bit"),
		start ? "from bit " + start : null].filter(text => text).join(", ");
}

function detailSide(detail, side) {
	const value = detail[side];
	const offset = detail[side + "_bit_offset"];
	const bits = detail[side + "_bits"];
	const parts = [];

	if (typeof value === "number" && detail.what === "encoding")
		parts.push(encoding(value));
	else if (typeof value === "number")
		parts.push(group(value));
	else if (value !== undefined && value !== null)
		parts.push(nameNode(value));
	if (bits)
		parts.push(el("span", { class: "name" }, " : " + bits));
	if (offset !== undefined && offset !== null)
		parts.push(el("span", { class: "at" }, " at " + bitOffset(offset)));
	return el("span", null, parts);
}

function detailName(detail) {
	const parts = [];

	if (detail.old_name !== undefined && detail.old_name !== null)
		parts.push(nameNode(detail.old_name), " \u2192 ");
	if (detail.name !== undefined && detail.name !== null)
		parts.push(nameNode(detail.name));
	else if (detail.index !== undefined)
		parts.push("no. " + group(detail.index));
	if (detail.component)
		parts.push(" of ", nameNode(detail.component));
	return el("span", null, parts);
}

function detailTable(change) {
	return dataTable({
		caption: "What changed in " + plainName(change.name), rows: change.details, slice: 40,
		columns: [
			{ title: "What", value: row => whatOf(row), show: row => whatOf(row) },
			{ title: "Name", type: "name", value: row => row.name || "", show: detailName },
			{ title: "Change", value: row => [].concat(row.change || "changed").join(", "),
			  show: row => [].concat(row.change || "changed").flatMap(how => [badge(how), " "]) },
			{ title: "Before", wide: true, value: row => typeof row.old === "number" ? row.old : row.old_bit_offset,
			  show: row => detailSide(row, "old") },
			{ title: "After", wide: true, value: row => typeof row.new === "number" ? row.new : row.new_bit_offset,
			  show: row => detailSide(row, "new") },
		],
	});
}

function sizeChange(row) {
	const { old_size: before, new_size: after } = row;

	if (before === undefined && after === undefined)
		return "";
	if (before === undefined || after === undefined)
		return group(before === undefined ? after : before);
	return before === after ? group(after) : group(before) + " \u2192 " + group(after);
}

function changeTable(changes, caption) {
	const most = changes.reduce((max, row) => Math.max(max, Math.abs(recordDelta(row))), 1);

	return dataTable({
		caption, rows: [...changes].sort((a, b) => Math.abs(recordDelta(b)) - Math.abs(recordDelta(a)) ||
						 compareValues(a.name, b.name)),
		slice: 50, sort: [5, -1], filter: "Filter by name, type or text", search: summary,
		facets: [
			{ title: "Change", all: "All changes", value: row => row.change },
			{ title: "Kind", all: "All kinds", value: row => row.kind },
		],
		details: row => row.details && row.details.length ? () => detailTable(row) : null,
		columns: [
			{ title: "Name", type: "name", value: row => row.name },
			{ title: "Kind", value: row => row.kind, show: row => kindCell(row.kind) },
			{ title: "Change", value: row => row.change, show: row => badge(row.change) },
			{ title: "Size", type: "number", show: sizeChange, note: "sizeof, before and after",
			  value: row => row.new_size === undefined ? row.old_size : row.new_size },
			{ title: "Size \u00b1", type: "delta", magnitude: true, note: "of changed ones",
			  value: row => row.change === "changed" && row.delta ? row.delta : null },
			{ title: "BTF bytes \u00b1", type: "delta", value: recordDelta, magnitude: true,
			  note: "bytes of the record, strings not counted", bar: row => recordDelta(row) / most },
			{ title: "Details", wide: true, value: summary,
			  show: row => nameNode(summary(row), { class: "summary" }) },
		],
	});
}

function sizeTable(sizes) {
	const sum = of => sizes.reduce((total, row) => total + (row[of] || 0), 0);
	const most = sizes.reduce((max, row) => Math.max(max, Math.abs(row.delta)), 1);

	return dataTable({
		caption: "Bytes by kind, before and after", rows: sizes, slice: 100, sort: [5, -1],
		columns: [
			{ title: "Part", type: "name", value: row => row.name, show: row => kindCell(row.name) },
			{ title: "Records before", type: "number", value: row => row.old_count },
			{ title: "after", type: "number", value: row => row.new_count },
			{ title: "Bytes before", type: "number", value: row => row.old_bytes },
			{ title: "after", type: "number", value: row => row.new_bytes },
			{ title: "Bytes \u00b1", type: "delta", value: row => row.delta, magnitude: true,
			  bar: row => row.delta / most },
			{ title: "\u00b1 %", type: "share", magnitude: true,
			  value: row => row.old_bytes ? row.delta / row.old_bytes : row.delta ? Infinity : 0,
			  show: row => growth(row.delta, row.old_bytes) },
		],
		foot: ["all", "", "", group(sum("old_bytes")), group(sum("new_bytes")),
		       signed(sum("delta")), growth(sum("delta"), sum("old_bytes"))],
	});
}

/* Two bars, one above the other, of the same scale. */
function sizeBars(sizes) {
	const total = of => sizes.reduce((sum, row) => sum + row[of], 0);
	const most = Math.max(total("old_bytes"), total("new_bytes"), 1);
	const order = [...sizes].sort((a, b) => b.new_bytes + b.old_bytes - a.new_bytes - a.old_bytes);
	const bars = [["Before", "old_bytes"], ["After", "new_bytes"]].map(([title, of]) => {
		const bar = el("div", { class: "stack", role: "img",
					"aria-label": title + ": " + plural(total(of), "byte") });

		for (const row of order) {
			const part = el("span", { title: plainName(row.name) + ": " + plural(row[of], "byte") });

			if (!row[of])
				continue;
			part.style.width = 100 * row[of] / most + "%";
			part.style.backgroundColor = row.name === "strings" ? "var(--strings)" : kindColor(row.name);
			if (row[of] / most > 0.06)
				part.append(el("span", { class: "label" }, plainName(row.name)));
			bar.append(part);
		}
		return el("div", { class: "stack-row" }, el("span", { class: "stack-title" }, title), bar,
			  el("span", { class: "stack-size" }, group(total(of))));
	});

	return el("div", { class: "stacks" }, bars);
}

/* The numbers are ways into the table of changes. */
function countTable(counts, table) {
	const cell = (row, change) => !row[change] || !table ? group(row[change]) :
		el("a", { href: "#changes", onclick: () => table.choose([change, row.kind]) }, group(row[change]));
	const sum = of => counts.reduce((total, row) => total + row[of], 0);

	return dataTable({
		caption: "Number of changes by kind", rows: counts, slice: 100,
		columns: [
			{ title: "Kind", type: "name", value: row => row.kind, show: row => kindCell(row.kind) },
			{ title: "Added", type: "number", value: row => row.added, show: row => cell(row, "added") },
			{ title: "Removed", type: "number", value: row => row.removed, show: row => cell(row, "removed") },
			{ title: "Changed", type: "number", value: row => row.changed, show: row => cell(row, "changed") },
		],
		foot: ["all", group(sum("added")), group(sum("removed")), group(sum("changed"))],
	});
}

function budgetList(budgets) {
	return el("ul", { class: "budgets" }, budgets.map(budget =>
		el("li", { class: budget.breached ? "bad" : "good" },
		   el("strong", null, budget.breached ? "Over the budget: " : "Within the budget: "),
		   nameNode(budget.limit, { class: "plain" }),
		   budget.file ? [" for ", nameNode(budget.file)] : null,
		   ", " + group(budget.old_bytes) + " \u2192 " + group(budget.new_bytes) + " bytes, " +
		   signed(budget.delta) + " (" + growth(budget.delta, budget.old_bytes) + ")")));
}

function fileTable(files) {
	const most = files.reduce((max, row) => Math.max(max, Math.abs(row.delta || 0)), 1);
	const inside = file => () => el("div", null,
					file.verdict ? el("p", { class: "note" }, plainName(file.verdict)) : null,
					file.sizes && file.sizes.length ? sizeTable(file.sizes) : null,
					file.changes && file.changes.length ? changeTable(file.changes, "Changes") : null);

	return dataTable({
		caption: "Files", rows: files, slice: 50, sort: [4, -1], filter: "Filter by path",
		facets: [{ title: "Status", all: "All files", value: row => row.status }],
		details: row => row.status === "same" || row.status === "unreadable" ? null : inside(row),
		search: row => row.verdict || "",
		columns: [
			{ title: "File", type: "name", value: row => row.path },
			{ title: "Status", value: row => row.status, show: row => badge(row.status) },
			{ title: "Bytes before", type: "number", value: row => row.old_bytes },
			{ title: "after", type: "number", value: row => row.new_bytes },
			{ title: "Bytes \u00b1", type: "delta", value: row => row.delta, magnitude: true,
			  bar: row => (row.delta || 0) / most },
			{ title: "\u00b1 %", type: "share", magnitude: true,
			  value: row => row.old_bytes ? row.delta / row.old_bytes : null,
			  show: row => row.delta ? growth(row.delta, row.old_bytes) : "" },
		],
	});
}

function buildDiff(page, data, text) {
	const { old: before, new: after } = data;
	const counts = data.counts || [];
	const sum = of => counts.reduce((total, row) => total + row[of], 0);
	const sizes = data.sizes || [];
	const changes = data.changes || [];
	const breached = (data.budgets || []).some(budget => budget.breached);

	pageHeader(page, "BTF comparison", data.verdict, [
		el("span", { class: "side" }, "before ", nameNode(before.path)), " ",
		el("span", { class: "side" }, "after ", nameNode(after.path)),
	]);
	if (data.budgets && data.budgets.length)
		page.append(budgetList(data.budgets));
	if (data.same)
		page.append(el("p", { class: "verdict good" }, "No difference in meaning."));
	page.append(el("dl", { class: "cards" },
		card("Before", group(before.bytes), "bytes" + (before.types ? ", " + plural(before.types, "type") : "")),
		card("After", group(after.bytes), "bytes" + (after.types ? ", " + plural(after.types, "type") : "")),
		card("Growth", data.delta ? signed(data.delta) : "0", "bytes, " + growth(data.delta, before.bytes),
		     { class: "card" + (breached ? " bad" : "") }),
		card("Added", group(sum("added"))),
		card("Removed", group(sum("removed"))),
		card("Changed", group(sum("changed")))));

	const table = changes.length ? changeTable(changes, "Changes") : null;

	if (sizes.length)
		section(page, "sizes", "Bytes by kind", null, sizeBars(sizes), sizeTable(sizes));
	if (counts.length)
		section(page, "counts", "Number of changes", table ? "A number leads to the changes it counts." : null,
			countTable(counts, table));
	if (data.files)
		section(page, "files", "Files", null, fileTable(data.files));
	if (table)
		section(page, "changes", "Changes",
			"A row with a triangle opens: what changed, member by member.", table);
	pageContents(page);
	pageFooter(page, data, text, "btf-diff.json");
}

startPage(buildDiff);
