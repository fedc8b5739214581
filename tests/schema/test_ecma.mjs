// SPDX-License-Identifier: MIT
// Patterns made of pieces, on many texts: what RegExp refuses is refused, and what both accept matches the same.
// Usage: node test_ecma.mjs DRIVER
import { spawnSync } from 'node:child_process'

const pieces = ['a', 'b', '.', '^', '$', '|', '(', ')', '(?:', '(?=', '(?!', '(?<=', '(?<!', '(?<n>', '[', ']', '[^', '-', '*', '+',
	'?', '{2}', '{1,}', '{0,2}', '{', '}', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\b', '\\B', '\\v', '\\n', '\\0', '\\x41',
	'\\u00e9', '\\u{1F600}', '\\ud83d\\ude00', '\\cJ', '\\.', '\\/', '\\-', '\\1', '\\2', '\\A', '\\z', '\\h', '\\R', '\\Q', '\\K',
	'\\p{L}', '\\P{Lu}', '\\p{Script=Greek}', '\\p{ASCII}', '\\p{Letter}', '\\p{digit}', '\\P{punct}', '\\p{cntrl}', '\\p{Combining_Mark}', '\\p{Xan}', '(?>', '(?i)', '(?#', '(*FAIL)', '[[:alpha:]]',
	'\u00e9', '\u2028', '\u{1F600}', ',', '1', '=', ':', '<', '!', '\\k<n>', '\\a', '\\e', '\\x', '\\u12', '\\c', '\\\\', '&&']
const texts = ['', 'a', 'b', 'ab', 'aab', 'A', 'a\n', '\n', '\u000b', ' ', '\u00a0', '\u0085', '\ufeff', '\u2028', '\u3000', '1', '\u0663',
	'\u00e9', '\u{1F600}', '\u03b1', '-', '.', '[', ']', '{', '\\', '/', 'aa', 'bb', 'a1b', ':', '\u001c', '\b']
// What RegExp accepts and PCRE2 cannot express: reported at start; see src/schema/ecma.h and docs/schema.md.
const beyond = /\\[1-9]|\\k<|\\ud83d(?!\\ude00)|\(\?<[=!]/

let seed = 1
const random = (below) => {
	seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
	return (seed >>> 8) % below
}
const patterns = [...pieces]
for (let i = 0; i < 20000; i++)
	patterns.push(Array.from({ length: 1 + random(6) }, () => pieces[random(pieces.length)]).join(''))
for (let i = 0; i < 4000; i++)
	patterns.push('[' + Array.from({ length: 1 + random(4) }, () => pieces[random(pieces.length)]).join('') + ']')

const compile = (pattern) => {
	try {
		return new RegExp(pattern, 'u')
	} catch {
		return null
	}
}
const run = (pairs) => {
	const result = spawnSync(process.argv[2], { input: pairs.map(([p, t]) => `${p}\0${t}\0`).join(''), maxBuffer: 1 << 26 })
	if (result.status !== 0 || result.stdout.length !== pairs.length)
		throw new Error(`the driver ended with ${result.status ?? result.signal} after ${result.stdout.length} pairs`)
	return result.stdout.toString()
}

const faults = []
const taken = run(patterns.map((p) => [p, '']))
patterns.forEach((pattern, i) => {
	const known = compile(pattern) !== null
	if (!known && taken[i] !== '-')
		faults.push(`taken, and RegExp refuses it: ${pattern}`)
	if (known && taken[i] === '-' && !beyond.test(pattern))
		faults.push(`refused, and RegExp takes it: ${pattern}`)
})
const both = patterns.filter((p, i) => taken[i] !== '-' && compile(p))
const pairs = both.slice(0, 6000).flatMap((p) => texts.map((t) => [p, t]))
const matched = run(pairs)
pairs.forEach(([pattern, text], i) => {
	if (compile(pattern).test(text) !== (matched[i] === '1'))
		faults.push(`${pattern} on ${JSON.stringify(text)}: ${matched[i]}`)
})
console.log('TAP version 13\n1..2')
console.log(`${both.length > 1000 ? '' : 'not '}ok 1 - ${both.length} of ${patterns.length} patterns are taken`)
console.log(`${faults.length === 0 ? '' : 'not '}ok 2 - ${pairs.length} pairs`)
faults.slice(0, 40).forEach((fault) => console.log('# ' + fault))
