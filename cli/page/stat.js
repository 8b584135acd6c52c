/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */

const ELEMENTS = new Map([["STRUCT", "member"], ["UNION", "member"], ["ENUM", "enumerator"],
			  ["ENUM64", "enumerator"], ["FUNC_PROTO", "parameter"], ["DATASEC", "variable"]]);
const USES = new Map([
	["types", "names of types"], ["members", "names of members"], ["enumerators", "names of enumerators"],
	["parameters", "names of parameters"], ["functions", "names of functions"],
	["variables", "names of variables"], ["sections", "names of sections"], ["tags", "texts of tags"],
	["other", "others"],
]);

function statTreemap(data) {
	const ofTypes = parents => parents.length > 1 && parents[1].name === "types";
	const label = (node, parents) => {
		if (parents.length === 2 && parents[1].name === "strings")
			return USES.get(node.name) || node.name;
		if (parents.length === 0)
			return data.file;
		if (node.others && parents.length > 2)
			return node.name.replace("element", ELEMENTS.get(parents[2].name) || "element");
		return node.name;
	};
	/* Inside of its kind a type needs no "struct". */
	const short = (node, parents) =>
		parents.length > 2 ? label(node, parents).replace(/^(struct|union|enum) /, "") : label(node, parents);
	const color = (node, parents) => {
		if (ofTypes(parents))
			return kindColor(parents.length > 2 ? parents[2].name : node.name);
		if (parents.length > 1 && parents[1].name === "strings")
			return "var(--use-" + (USES.has(node.name) ? node.name : "other") + ")";
		return node.name === "strings" ? "var(--strings)" : "var(--kind-other)";
	};
	const unit = (node, parents) => ofTypes(parents) ? "type" : "string";

	return treemap(data.tree, { caption: "Bytes of " + plainName(data.file), label, short, color,
				    unit, units: (node, parents) => unit(node, parents) + "s" });
}

function statKinds(data) {
	const bytes = data.parts.types;
	const most = Math.max(1, ...data.kinds.map(kind => kind.bytes));
	const sum = of => data.kinds.reduce((total, kind) => total + kind[of], 0);

	return dataTable({
		caption: "Types by kind", rows: data.kinds, slice: 100, sort: [3, -1],
		columns: [
			{ title: "Kind", type: "name", value: row => row.kind, show: row => kindCell(row.kind) },
			{ title: "Types", type: "number", value: row => row.count },
			{ title: "Elements", type: "number", value: row => ELEMENTS.has(row.kind) ? row.elements : null,
			  note: "members, enumerators, parameters, variables of a section" },
			{ title: "Bytes", type: "number", value: row => row.bytes, bar: row => row.bytes / most },
			{ title: "Share of the file", type: "share", value: row => row.bytes,
			  show: row => share(row.bytes, data.bytes) },
			{ title: "Bytes per type", type: "number", value: row => row.bytes / (row.count || 1),
			  show: row => tenths(row.bytes / (row.count || 1)) },
		],
		foot: ["all", group(sum("count")), "", group(bytes), share(bytes, data.bytes),
		       data.types ? tenths(bytes / data.types) : ""],
	});
}

function statLargest(data) {
	const most = Math.max(1, ...data.largest.map(type => type.bytes));

	return dataTable({
		caption: "Largest types", rows: data.largest, slice: 25, sort: [3, -1],
		filter: "Filter by name or kind",
		facets: [{ title: "Kind", all: "All kinds", value: row => row.kind }],
		columns: [
			{ title: "Type", type: "name", value: row => row.text || row.name },
			{ title: "Kind", value: row => row.kind, show: row => kindCell(row.kind) },
			{ title: "Elements", type: "number", value: row => ELEMENTS.has(row.kind) ? row.elements : null },
			{ title: "Bytes", type: "number", value: row => row.bytes, bar: row => row.bytes / most },
			{ title: "Record", type: "number", value: row => row.record_bytes,
			  note: "bytes in the type section" },
			{ title: "Own strings", type: "number", value: row => row.string_bytes,
			  note: "bytes of strings that nothing else uses" },
			{ title: "Id", type: "number", value: row => row.id },
		],
	});
}

function statStrings(data) {
	const { strings } = data;
	const rows = strings.uses.filter(use => use.count || use.shared_count).map(use => ({ ...use, text: USES.get(use.use) || use.use }));

	for (const [key, text] of [["shared", "several of these"], ["unused", "no use"], ["empty", "the empty string"]]) {
		if (strings[key] && strings[key].bytes)
			rows.push({ text, count: strings[key].count, bytes: strings[key].bytes,
				    shared_count: null, shared_bytes: null });
	}
	rows.sort((a, b) => b.bytes - a.bytes);

	const most = Math.max(1, ...rows.map(row => row.bytes));

	return dataTable({
		caption: "Strings by use", rows, slice: 100, sort: [2, -1],
		columns: [
			{ title: "Use", type: "name", value: row => row.text,
			  show: row => nameNode(row.text, { class: "plain" }) },
			{ title: "Strings", type: "number", value: row => row.count },
			{ title: "Bytes", type: "number", value: row => row.bytes, bar: row => row.bytes / most },
			{ title: "Share of strings", type: "share", value: row => row.bytes,
			  show: row => share(row.bytes, strings.bytes) },
			{ title: "Used elsewhere too", type: "number", value: row => row.shared_count,
			  note: "strings with this use and another one, not counted in this row" },
			{ title: "Bytes of those", type: "number", value: row => row.shared_bytes },
		],
		foot: ["all", group(strings.count), group(strings.bytes), share(strings.bytes, strings.bytes), "", ""],
	});
}

function statSections(data) {
	const most = Math.max(1, ...data.sections.map(row => row.bytes));

	return dataTable({
		caption: "Sections with variables", rows: data.sections, slice: 25, sort: [2, -1],
		filter: "Filter by name",
		columns: [
			{ title: "Section", type: "name", value: row => row.name },
			{ title: "Variables", type: "number", value: row => row.entries },
			{ title: "Bytes of BTF", type: "number", value: row => row.bytes, bar: row => row.bytes / most },
			{ title: "Section record", type: "number", value: row => row.record_bytes },
			{ title: "Variable records", type: "number", value: row => row.var_bytes },
			{ title: "Strings", type: "number", value: row => row.string_bytes },
			{ title: "Section size", type: "number", value: row => row.size,
			  note: "bytes of the section that is described" },
			{ title: "Covered", type: "share", value: row => row.size ? row.covered / row.size : 0,
			  show: row => row.size ? share(row.covered, row.size) : "",
			  note: "part of the section that variables describe" },
		],
	});
}

function statVariables(data) {
	const rows = [["per-CPU variables", data.percpu], ["all variables", data.variables]]
		.filter(([, cost]) => cost && cost.variables)
		.map(([text, cost]) => ({ text, ...cost }));

	return dataTable({
		caption: "What variables cost", rows,
		columns: [
			{ title: "Which", type: "name", value: row => row.text,
			  show: row => nameNode(row.text, { class: "plain" }) },
			{ title: "Variables", type: "number", value: row => row.variables },
			{ title: "Bytes", type: "number", value: row => row.bytes },
			{ title: "Records", type: "number", value: row => row.var_bytes },
			{ title: "Section entries", type: "number", value: row => row.entry_bytes },
			{ title: "Section records", type: "number", value: row => row.section_bytes },
			{ title: "Names", type: "number", value: row => row.string_bytes,
			  note: "names that nothing else uses" },
			{ title: "Bytes each", type: "number", value: row => row.bytes_per_variable,
			  show: row => row.bytes_per_variable === null || row.bytes_per_variable === undefined ? "" :
				tenths(row.bytes_per_variable) },
			{ title: "Share of the file", type: "share", value: row => row.bytes,
			  show: row => share(row.bytes, data.bytes) },
		],
	});
}

function statDoubles(data) {
	return dataTable({
		caption: "Names with several definitions", rows: data.doubles.items, slice: 25,
		filter: "Filter by name or kind",
		columns: [
			{ title: "Name", type: "name", value: row => row.name },
			{ title: "Kind", value: row => row.kind },
			{ title: "Definitions", type: "number", value: row => row.count },
			{ title: "Bytes of all but one", type: "number", value: row => row.bytes },
			{ title: "Ids", value: row => row.ids.join(" ") },
		],
	});
}

function statInBase(data) {
	return dataTable({
		caption: "Types that the base has too", rows: data.in_base.items, slice: 25,
		filter: "Filter by name or kind",
		columns: [
			{ title: "Name", type: "name", value: row => row.name },
			{ title: "Kind", value: row => row.kind },
			{ title: "Id", type: "number", value: row => row.id },
			{ title: "Id in the base", type: "number", value: row => row.base_id },
		],
	});
}

function statForwards(data) {
	return dataTable({
		caption: "Forward declarations", rows: data.forwards.items, slice: 25,
		filter: "Filter by name or kind",
		columns: [
			{ title: "Name", type: "name", value: row => row.name },
			{ title: "Kind", value: row => row.kind },
			{ title: "Id", type: "number", value: row => row.id },
			{ title: "Definition", type: "number", value: row => row.definition || null,
			  note: "id of a definition of this name, where there is one" },
		],
	});
}

function buildStat(page, data, text) {
	const { parts } = data;
	const count = what => what && what.items ? what.items.length : 0;
	const rest = data.bytes - parts.types - parts.strings;

	pageHeader(page, "BTF statistics", data.file, [
		(data.big_endian ? "big" : "little") + " endian",
		data.first_id > 1 ? ", ids from " + group(data.first_id) : null,
		...(data.base || []).flatMap(base => [", on ", nameNode(base)]),
	]);
	page.append(el("dl", { class: "cards" },
		card("Size", group(data.bytes), "bytes"),
		card("Types", group(parts.types), "bytes, " + share(parts.types, data.bytes)),
		card("Strings", group(parts.strings), "bytes, " + share(parts.strings, data.bytes)),
		card("Records", group(data.types), data.types ? tenths(parts.types / data.types) + " bytes each" : ""),
		card("Per-CPU variables", group(data.percpu.variables),
		     data.percpu.bytes ? group(data.percpu.bytes) + " bytes" : "none"),
		card("Several definitions", group(data.doubles.names),
		     data.doubles.names ? "names, " + group(data.doubles.extra_bytes) + " bytes" : "names"),
		card("Forwards", group(data.forwards.count),
		     data.forwards.beside_definition ? group(data.forwards.beside_definition) + " beside a definition" :
		     "without a definition")));

	if (data.tree && data.tree.bytes)
		section(page, "map", "Where the bytes are", null, statTreemap(data));
	section(page, "kinds", "By kind",
		rest ? "Header and what else lies outside types and strings: " + plural(rest, "byte") + "." : null,
		statKinds(data));
	if (data.largest.length)
		section(page, "largest", "Largest types", data.largest.length < data.largest_total ?
			"The largest " + group(data.largest.length) + " of " + plural(data.largest_total, "type") +
			". Bytes are the record and strings that nothing else uses." :
			"Bytes are the record and strings that nothing else uses.", statLargest(data));
	if (data.strings.count)
		section(page, "strings", "Strings",
			"A string with several uses stands in a row of its own, not with each use.", statStrings(data));
	if (data.sections.length)
		section(page, "sections", "Sections", null, statSections(data));
	if (data.variables && data.variables.variables)
		section(page, "variables", "What variables cost", null, statVariables(data));
	if (count(data.doubles))
		section(page, "doubles", "Several definitions",
			plural(data.doubles.names, "name") + " with more than one definition of a kind; all but the first of each are " +
			plural(data.doubles.extra, "type") + ", " + plural(data.doubles.extra_bytes, "byte") + ".", statDoubles(data));
	if (count(data.in_base))
		section(page, "in-base", "In the base too",
			plural(data.in_base.names, "type") + " defined again although the base has the kind and the name.",
			statInBase(data));
	if (count(data.forwards))
		section(page, "forwards", "Forward declarations", data.forwards.beside_definition ?
			plural(data.forwards.beside_definition, "declaration") + " beside a definition of the name." : null,
			statForwards(data));
	pageContents(page);
	pageFooter(page, data, text, "btf-stat.json");
}

startPage(buildStat);
