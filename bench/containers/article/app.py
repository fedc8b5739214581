# SPDX-License-Identifier: MIT
"""What `coracle new` makes, as the article writes it: resources of Flask, validated by marshmallow."""

from flask import Flask, request
from flask_restful import Api, Resource
from marshmallow import Schema, ValidationError, fields, validate

SHELF_MAX = 1000


class BookSchema(Schema):
	id = fields.Integer(dump_only=True)
	title = fields.String(required=True, validate=validate.Length(min=1, max=50))
	author = fields.String(required=True, validate=validate.Length(min=1, max=25))


class QuerySchema(Schema):
	title = fields.String(load_default='', validate=validate.Length(max=50))
	limit = fields.Integer(load_default=20, validate=validate.Range(min=1, max=100))


book_schema, query_schema = BookSchema(), QuerySchema()
shelf, last_id = {}, 0


class Books(Resource):
	def get(self):
		try:
			query = query_schema.load(request.args)
		except ValidationError as error:
			return {'errors': error.messages}, 422
		found = (book for book in shelf.values() if query['title'] in book['title'])
		return {'books': [book_schema.dump(book) for book, _ in zip(found, range(query['limit']))]}

	def post(self):
		global last_id
		try:
			book = book_schema.load(request.get_json())
		except ValidationError as error:
			return {'errors': error.messages}, 422
		if len(shelf) == SHELF_MAX:
			shelf.clear()
		last_id += 1
		shelf[last_id] = {**book, 'id': last_id}
		return book_schema.dump(shelf[last_id]), 201, {'Location': f'/books/{last_id}'}


class Book(Resource):
	def get(self, book_id):
		if book_id not in shelf:
			return {'detail': f'no book {book_id}'}, 404
		return book_schema.dump(shelf[book_id])


app = Flask(__name__)
api = Api(app)
api.add_resource(Books, '/books')
api.add_resource(Book, '/books/<int:book_id>')
