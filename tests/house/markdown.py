# SPDX-License-Identifier: MIT
"""What the checks need from a Markdown file: fenced blocks with their markers, links and headings."""

import re

FENCE = re.compile(r'^(`{3,})([\w+-]*)[^\n]*\n(.*?)^\1`*[ \t]*$', re.M | re.S)
MARKER = re.compile(r'<!--\s*(continues|fragment|run|file|put|project)\b\s*([\w./-]*)\s*-->\s*\Z')
LINK = re.compile(r'!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)')
HEADING = re.compile(r'^#+\s+(.*?)\s*#*$', re.M)


class Block:
	"""One fenced block: its language, its text, its line, and the marker before it (or None)."""

	def __init__(self, text, match):
		self.language, self.text = match.group(2), match.group(3)
		self.line = text.count('\n', 0, match.start()) + 1
		marker = MARKER.search(text[:match.start()].rstrip())
		self.marker = marker and marker.group(1)
		self.argument = marker and marker.group(2)


def blocks(text):
	return [Block(text, match) for match in FENCE.finditer(text)]


def without_blocks(text):
	return re.sub(r'`[^`\n]*`', '', FENCE.sub('', text))


def links(text):
	return LINK.findall(without_blocks(text))


def anchors(text):
	"""The anchors that code hosts derive from the headings."""
	plain = [re.sub(r'[`*]|\[([^\]]*)\]\([^)]*\)', r'\1', h) for h in HEADING.findall(FENCE.sub('', text))]
	return {re.sub(r'\s', '-', re.sub(r'[^\w\s-]', '', h.lower())) for h in plain}
