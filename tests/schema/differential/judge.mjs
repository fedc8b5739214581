// SPDX-License-Identifier: MIT
// ajv's verdicts. Each line of the input is {"root": "name", "schemas": {...}, "documents": ["text", ...]}; for each a line comes
// out: {"plain": "10...", "formats": "10..."}, a digit for each document, without and with its formats ("only_plain": true
// leaves them out); or {"fault": "why"}.
// Usage: node judge.mjs FOLDER-OF-NODE_MODULES
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'

const require = createRequire(resolve(process.argv[2], 'x.js'))
const { Ajv2020 } = require('ajv/dist/2020.js')
const addFormats = require('ajv-formats')

// As integers of one scale: exact, whatever the exponent.
const scaled = (text) => {
	const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[Ee]([+-]?\d+))?$/.exec(text)
	return { digits: BigInt(sign + whole + fraction), scale: fraction.length - Number(exponent) }
}
const compareDecimals = (a, b) => {
	const left = scaled(a), right = scaled(b), scale = Math.max(left.scale, right.scale)
	const x = left.digits * 10n ** BigInt(scale - left.scale), y = right.digits * 10n ** BigInt(scale - right.scale)
	return x < y ? -1 : x > y ? 1 : 0
}
const decimal = /^-?(0|[1-9]\d*)(\.\d+)?([Ee][+-]?\d{1,4})?$/
const clock = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?$/
const nanoseconds = (text) => {
	const [hour, minute, second = '0'] = text.split(':')
	return (Number(hour) * 60 + Number(minute)) * 60 + Number(second)
}

// The formats of OpenAPI's registry that ajv-formats does not have.
const more = {
	uint64: true,
	decimal: { type: 'string', validate: (text) => decimal.test(text), compare: compareDecimals },
	'time-local': { type: 'string', validate: (text) => clock.test(text), compare: (a, b) => nanoseconds(a) - nanoseconds(b) },
}
const judge = (validateFormats) => {
	const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, strictTuples: false, allowUnionTypes: true,
		validateFormats, formats: more, keywords: ['components', 'discriminator', 'x-minimum', 'x-exclusiveMinimum', 'x-maximum',
			'x-exclusiveMaximum', 'x-multipleOf'] })
	addFormats(ajv, { keywords: true })
	return ajv
}

const answer = ({ root, schemas, documents, only_plain }) => {
	const schema = { $ref: `#/components/schemas/${root}`, components: { schemas } }
	const values = documents.map((text) => JSON.parse(text))
	const verdicts = (only_plain ? [false] : [false, true]).map((validateFormats) => {
		const validate = judge(validateFormats).compile(schema)
		return values.map((value) => (validate(value) ? '1' : '0')).join('')
	})
	return { plain: verdicts[0], formats: verdicts[1] }
}

for await (const line of createInterface({ input: process.stdin })) {
	let result
	try {
		result = answer(JSON.parse(line))
	} catch (error) {
		result = { fault: String(error.stack ?? error) }
	}
	console.log(JSON.stringify(result))
}
